"""Draw the pictures of the golden cases: `python -m tests.pictures` writes them beside this file."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
NIGHT, SNOW, YELLOW, GREEN, INK = (38, 52, 84), (226, 232, 240), (242, 178, 36), (10, 98, 74), (30, 29, 27)


def depot() -> Image.Image:
    """Draw a school bus at its charger, at dusk, with the soft grain of a photo."""
    sky = Image.linear_gradient("L").resize((1200, 800))
    scene = Image.composite(Image.new("RGB", sky.size, (236, 160, 120)), Image.new("RGB", sky.size, NIGHT), sky)
    draw = ImageDraw.Draw(scene)
    draw.rectangle((0, 600, 1200, 800), fill=SNOW)
    draw.rounded_rectangle((180, 260, 880, 620), 40, fill=YELLOW)
    draw.rectangle((180, 470, 880, 486), fill=INK)
    for left in range(230, 800, 130):
        draw.rounded_rectangle((left, 310, left + 100, 420), 10, fill=(190, 214, 228))
    for left in (270, 690):
        draw.ellipse((left, 560, left + 120, 680), fill=INK)
        draw.ellipse((left + 40, 600, left + 80, 640), fill=(150, 150, 150))
    draw.rounded_rectangle((1000, 330, 1090, 640), 16, fill=(245, 245, 245))
    draw.rectangle((1020, 360, 1070, 420), fill=GREEN)
    draw.arc((800, 400, 1060, 660), 20, 160, fill=INK, width=12)
    grain = Image.effect_noise(scene.size, 24).convert("RGB")
    return Image.blend(scene, grain, 0.06)


def plan() -> Image.Image:
    """Draw a plan in few colours."""
    scene = Image.new("RGB", (1200, 750), "white")
    draw = ImageDraw.Draw(scene)
    for at in range(6):
        draw.rectangle((60 + 190 * at, 80, 200 + 190 * at, 420), outline=INK, width=6)
        draw.ellipse((100 + 190 * at, 500, 160 + 190 * at, 560), fill=GREEN)
        draw.line((130 + 190 * at, 420, 130 + 190 * at, 500), fill=GREEN, width=8)
    draw.line((60, 640, 1140, 640), fill=INK, width=10)
    return scene


def logo() -> Image.Image:
    """Draw a word mark on no ground, in a green that stands out by day and by night."""
    scene = Image.new("RGBA", (960, 240))
    draw = ImageDraw.Draw(scene)
    draw.rounded_rectangle((0, 20, 200, 220), 40, fill=(46, 148, 116, 255))
    draw.polygon([(110, 50), (50, 130), (95, 130), (80, 190), (150, 105), (105, 105)], fill="white")
    draw.text((240, 40), "V2G News", fill=(46, 148, 116, 255), font_size=150)
    return scene


def pulse() -> list[Image.Image]:
    """Draw a dot that grows."""
    frames = []
    for radius in (10, 20, 30, 40):
        frame = Image.new("RGB", (120, 90), "white")
        ImageDraw.Draw(frame).ellipse((60 - radius, 45 - radius, 60 + radius, 45 + radius), fill=GREEN)
        frames.append(frame)
    return frames


def main() -> None:
    """Write all of them; the photo lies on its side and says so, as those of phones do, and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    depot().transpose(Image.Transpose.ROTATE_90).save(HERE / "depot.jpg", quality=80, exif=exif)
    plan().save(HERE / "plan.png", optimize=True)
    logo().save(HERE / "logo.png", optimize=True)
    plan().resize((160, 100)).save(HERE / "small.png", optimize=True)
    first, *others = pulse()
    first.save(HERE / "pulse.gif", save_all=True, append_images=others, duration=200, loop=0)


if __name__ == "__main__":
    main()
