// What valid means for an email: everything that html-validate knows, less what mail programs need otherwise.

// Outlook for Windows draws with Word's engine, which takes these from attributes and not from styles.
const forWord = (...names) => ({
  attributes: Object.fromEntries(names.map((name) => [name, { deprecated: false }])),
});

export default {
  root: true,
  extends: ['html-validate:standard', 'html-validate:document', 'html-validate:a11y', 'html-validate:recommended'],
  elements: [
    'html5',
    {
      table: forWord('align', 'bgcolor', 'border', 'cellpadding', 'cellspacing', 'width'),
      td: forWord('align', 'bgcolor', 'valign', 'width'),
    },
  ],
  rules: {
    // Outlook for Windows gets its tables in conditional comments; no other way reaches it alone.
    'no-conditional-comment': 'off',
    // A mail program shows the subject, which is the editor's to word, and no title.
    'long-title': 'off',
    // The parser puts it in; what MJML writes for Outlook has none.
    'prefer-tbody': 'off',
    // Mail programs drop or rewrite style sheets; a style attribute is what reaches all of them.
    'no-inline-style': 'off',
    // MJML marks the letter as <div role="article">: Yahoo and Outlook.com strip an <article>, and the role with it.
    'prefer-native-element': ['error', { exclude: ['article'] }],
  },
};
