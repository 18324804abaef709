"""The part of the template that is always there: how what becomes of mail gets into a queue, and what the tool may do.

`@...@` is filled in by `core.aws.template`.

What actions of SES can be limited by: Service Authorization Reference, "Amazon SES" and "Amazon Simple Email Service
v2"; ses:FromAddress is no condition key of SendBulkEmail. What SES asks for besides the action that is named as the
operation it says in its errors alone; django-anymail's documentation has collected it ("Amazon SES", IAM permissions).
"""

from __future__ import annotations

from typing import Final

# SES API v2 reference, MatchingEventTypes. Nobody's opens and clicks are watched unless the publication says so: SES
# puts its pixel and its links into mail only when somebody is told of them.
ALWAYS: Final = (
    *("SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY"),
    *("DELIVERY_DELAY", "RENDERING_FAILURE", "SUBSCRIPTION"),
)

# CloudFormation writes the types of events as the first API of SES does.
SPELLED: Final = {
    "DELIVERY_DELAY": "deliveryDelay",
    "RENDERING_FAILURE": "renderingFailure",
}

RESOURCES: Final = """\
Resources:

  # Mail goes out under this configuration set. Whoever bounced or complained is put on the account's suppression list,
  # and SES sends them nothing more.
  ConfigurationSet:
    Type: AWS::SES::ConfigurationSet
    Properties:
      Name: @name@
      SuppressionOptions:
        SuppressedReasons: [BOUNCE, COMPLAINT]

  # SES tells the topic what becomes of each message ...
  EventDestination:
    Type: AWS::SES::ConfigurationSetEventDestination
    DependsOn: EventTopicPolicy # SES tries the topic when it is connected
    Properties:
      ConfigurationSetName: !Ref ConfigurationSet
      EventDestination:
        Name: @name@-events
        Enabled: true
        MatchingEventTypes: [@event_types@]
        SnsDestination:
          TopicARN: !Ref EventTopic

  EventTopic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: @name@-events

  EventTopicPolicy: # SES may tell the topic, for this configuration set of this account alone
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref EventTopic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: ses.amazonaws.com
            Action: sns:Publish
            Resource: !Ref EventTopic
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
              ArnEquals:
                aws:SourceArn: !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/@name@

  # ... and the topic passes it on to the queue, where `newsletter feedback` finds it.
  EventSubscription:
    Type: AWS::SNS::Subscription
    DependsOn: EventQueuePolicy
    Properties:
      TopicArn: !Ref EventTopic
      Protocol: sqs
      Endpoint: !GetAtt EventQueue.Arn
      RawMessageDelivery: true

  EventQueue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: @name@-events
      MessageRetentionPeriod: 1209600 # 14 days, the longest
      VisibilityTimeout: 300
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt UnreadQueue.Arn
        maxReceiveCount: 20

  UnreadQueue: # what was fetched twenty times and never dealt with
    Type: AWS::SQS::Queue
    Properties:
      QueueName: @name@-unread
      MessageRetentionPeriod: 1209600

  EventQueuePolicy: # the topic may write into the queue, and no other topic
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref EventQueue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: sns.amazonaws.com
            Action: sqs:SendMessage
            Resource: !GetAtt EventQueue.Arn
            Condition:
              ArnEquals:
                aws:SourceArn: !Ref EventTopic

  # What `newsletter` itself needs. Attach this policy to the user or role that it runs as.
  ToolPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Description: What the newsletter tool needs to send, to hear what becomes of mail, and to look after both
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          # SES asks for the rights of its first API as well: SendRawEmail for raw content, SendBulkTemplatedEmail for
          # templates. In the sandbox it asks for them on the recipients too, so it is the sender who is limited.
          - Sid: Send
            Effect: Allow
            Action: [ses:SendEmail, ses:SendRawEmail, ses:SendBulkTemplatedEmail]
            Resource:
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:template/*
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/@name@
            Condition:
              StringEquals:
                ses:FromAddress: @sender@
          - Sid: CallInBulk # this action does not know the sender; SendBulkTemplatedEmail, needed as well, does
            Effect: Allow
            Action: ses:SendBulkEmail
            Resource:
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:template/*
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/@name@
          - Sid: LookAtSenderAndEvents
            Effect: Allow
            Action: [ses:GetEmailIdentity, ses:GetConfigurationSet, ses:GetConfigurationSetEventDestinations]
            Resource:
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*
              - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/@name@
          - Sid: AskAboutTheAccountAndKeepItsSuppressionList # actions that know no resources
            Effect: Allow
            Action:
              - ses:GetAccount
              - ses:GetSuppressedDestination
              - ses:ListSuppressedDestinations
              - ses:PutSuppressedDestination
              - ses:DeleteSuppressedDestination
            Resource: "*"
          - Sid: ReadEvents
            Effect: Allow
            Action: [sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]
            Resource: !GetAtt EventQueue.Arn
          - Sid: LookAtTheTopic
            Effect: Allow
            Action: [sns:GetTopicAttributes, sns:ListSubscriptionsByTopic]
            Resource: !Ref EventTopic
"""

OUTPUTS: Final = """\

Outputs:
  ConfigurationSet:
    Description: ses.configuration_set in publication.yaml
    Value: !Ref ConfigurationSet
  FeedbackQueue:
    Description: ses.feedback_queue in publication.yaml
    Value: !Ref EventQueue
  ToolPolicy:
    Description: the policy to attach to the user or role that the tool runs as
    Value: !Ref ToolPolicy
"""
