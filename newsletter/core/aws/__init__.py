"""What a publication needs at Amazon Web Services, as one CloudFormation template."""
