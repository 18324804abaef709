"""The part of the template that takes unsubscribe wishes without a server, by an AWS Lambda function URL.

`@...@` is filled in by `core.aws.template`.
"""

from __future__ import annotations

from typing import Final

# A value that is given when the template is applied, and is shown nowhere.
SIGNING_KEYS: Final = "SigningKeys"

PARAMETERS: Final = f"""\
Parameters:
  {SIGNING_KEYS}:
    Type: String
    NoEcho: true
    MinLength: 32
    Description: what NEWSLETTER_SECRET holds, which signs unsubscribe links

"""

RESOURCES: Final = """\

  # Unsubscribe links lead to a function, which knows by their signature that they are real and puts the reader's wish
  # into the queue of events. It has no list and learns no address.
  UnsubscribeFunction:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: @name@-unsubscribe
      Runtime: python3.13
      Handler: index.handler
      Timeout: 10
      MemorySize: 256
      Role: !GetAtt UnsubscribeRole.Arn
      LoggingConfig:
        LogGroup: !Ref UnsubscribeLog
      Environment:
        Variables:
          ARCHIVE: @archive@
          QUEUE: !Ref EventQueue
          KEYS: !Ref UnsubscribeKeys
      Code:
        ZipFile: |
@code@

  UnsubscribeKeys:
    Type: AWS::SecretsManager::Secret
    Properties:
      Description: what NEWSLETTER_SECRET holds, which signs unsubscribe links
      SecretString: !Ref SigningKeys

  UnsubscribeLog: # what goes wrong; nothing in it tells who somebody is
    Type: AWS::Logs::LogGroup
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      LogGroupName: /aws/lambda/@name@-unsubscribe
      RetentionInDays: 30

  UnsubscribeRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: unsubscribe
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt EventQueue.Arn
              - Effect: Allow
                Action: secretsmanager:GetSecretValue
                Resource: !Ref UnsubscribeKeys
              - Effect: Allow
                Action: [logs:CreateLogStream, logs:PutLogEvents]
                Resource: !GetAtt UnsubscribeLog.Arn

  UnsubscribeUrl:
    Type: AWS::Lambda::Url
    Properties:
      TargetFunctionArn: !Ref UnsubscribeFunction
      AuthType: NONE

  UnsubscribeUrlIsPublic: # mail programs do not sign in; since October 2025 this takes both permissions
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref UnsubscribeFunction
      Principal: "*"
      Action: lambda:InvokeFunctionUrl
      FunctionUrlAuthType: NONE

  UnsubscribeIsCalledByUrl:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref UnsubscribeFunction
      Principal: "*"
      Action: lambda:InvokeFunction
      InvokedViaFunctionUrl: true
"""

OUTPUTS: Final = """\
  PublicUrl:
    Description: public_url in publication.yaml
    Value: !GetAtt UnsubscribeUrl.FunctionUrl
"""
