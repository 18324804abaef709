"""The part of the template that keeps the pictures of issues, in a bucket that everybody may read one by one.

`@...@` is filled in by `core.aws.template`.
"""

from __future__ import annotations

from typing import Final

RESOURCES: Final = """\

  # Readers load pictures from here. Both stay when the stack goes: letters that were sent still show the pictures.
  # Their names stand here in full: by those alone CloudFormation finds what is there already, and takes it in again.
  AssetsBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      BucketName: @bucket@
      OwnershipControls:
        Rules:
          - ObjectOwnership: BucketOwnerEnforced
      PublicAccessBlockConfiguration: # the policy below makes pictures public, and nothing else can
        BlockPublicAcls: true
        IgnorePublicAcls: true
        BlockPublicPolicy: false
        RestrictPublicBuckets: false

  AssetsBucketPolicy: # everybody may read a picture whose name they know; nobody may list them
    Type: AWS::S3::BucketPolicy
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      Bucket: @bucket@
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: s3:GetObject
            Resource: !Sub ${AssetsBucket.Arn}/*
"""

# What the tool's policy says in addition.
RIGHTS: Final = """\
          - Sid: FindPictures
            Effect: Allow
            Action: s3:ListBucket
            Resource: !GetAtt AssetsBucket.Arn
          - Sid: PutPictures
            Effect: Allow
            Action: s3:PutObject
            Resource: !Sub ${AssetsBucket.Arn}/*
"""

OUTPUTS: Final = """\
  AssetsBucket:
    Description: assets.bucket in publication.yaml
    Value: !Ref AssetsBucket
  AssetsUrl:
    Description: what assets.url in publication.yaml begins with
    Value: !Sub https://${AssetsBucket.RegionalDomainName}
"""
