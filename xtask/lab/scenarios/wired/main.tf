# the clean example: lists, protection plans, alerts, export and readers, wired as GuardDuty needs them
terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Service = "threat-watch"
    }
  }
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "trusted" {
  description = "Addresses GuardDuty must not raise findings for"
  type        = list(string)
  default     = ["1.1.1.0/24", "9.9.9.9", "8.8.4.4"]
}

variable "suspects" {
  description = "Addresses GuardDuty must raise findings for; these are examples, any public ones do"
  type        = list(string)
  default     = ["185.220.101.0/24", "45.155.205.233"]
}

variable "alert_email" {
  type      = string
  default   = "soc@example.com"
  sensitive = true
}

data "aws_caller_identity" "me" {}
data "aws_partition" "here" {}

locals {
  slr_arn = "arn:${data.aws_partition.here.partition}:iam::${data.aws_caller_identity.me.account_id}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
}

# ---------------------------------------------------------------- detector
resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_detector_feature" "s3" {
  detector_id = aws_guardduty_detector.this.id
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
}

resource "aws_guardduty_detector_feature" "others" {
  for_each    = toset(["EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"])
  detector_id = aws_guardduty_detector.this.id
  name        = each.key
  status      = "ENABLED"
}

resource "aws_guardduty_detector_feature" "runtime" {
  detector_id = aws_guardduty_detector.this.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  additional_configuration {
    name   = "ECS_FARGATE_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}

# GuardDuty would make this log group itself, and then no destroy would find it
resource "aws_cloudwatch_log_group" "malware_scans" {
  name              = "/aws/guardduty/malware-scan-events"
  retention_in_days = 90
}

# ---------------------------------------------------------------- lists in S3
resource "aws_s3_bucket" "lists" {
  bucket_prefix = "gd-lists-"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "lists" {
  bucket                  = aws_s3_bucket.lists.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "lists" {
  bucket = aws_s3_bucket.lists.id
  versioning_configuration {
    status = "Enabled"
  }
}

data "aws_iam_policy_document" "lists" {
  statement {
    sid       = "GuardDutyReads"
    effect    = "Allow"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.lists.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [local.slr_arn]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.lists.arn, "${aws_s3_bucket.lists.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "lists" {
  bucket     = aws_s3_bucket.lists.id
  policy     = data.aws_iam_policy_document.lists.json
  depends_on = [aws_s3_bucket_public_access_block.lists]
}

resource "aws_s3_object" "trusted" {
  bucket  = aws_s3_bucket.lists.id
  key     = "guardduty/trusted.txt"
  content = "${join("\n", var.trusted)}\n"

  # else chance decides whether the object gets a version
  depends_on = [aws_s3_bucket_versioning.lists]
}

resource "aws_s3_object" "suspects" {
  bucket       = aws_s3_bucket.lists.id
  key          = "guardduty/suspects-${md5(join(",", var.suspects))}.txt"
  content      = "${join("\n", var.suspects)}\n"
  content_type = "text/plain"
  depends_on   = [aws_s3_bucket_versioning.lists]
}

resource "aws_guardduty_ipset" "trusted" {
  activate    = true
  detector_id = aws_guardduty_detector.this.id
  format      = "TXT"
  location    = "https://s3.amazonaws.com/${aws_s3_object.trusted.bucket}/${aws_s3_object.trusted.key}"
  name        = "trusted"
  depends_on  = [aws_s3_bucket_policy.lists]

  # GuardDuty loads a list once: a new content needs a new set, or a new location as below
  lifecycle {
    replace_triggered_by = [aws_s3_object.trusted]
  }
}

resource "aws_guardduty_threatintelset" "suspects" {
  activate    = true
  detector_id = aws_guardduty_detector.this.id
  format      = "TXT"
  location    = "s3://${aws_s3_bucket.lists.id}/${aws_s3_object.suspects.key}"
  name        = "suspects"
  depends_on  = [aws_s3_bucket_policy.lists]
}

# ---------------------------------------------------------------- findings: filter, export, events
resource "aws_guardduty_filter" "quiet" {
  name        = "quiet-port-probes"
  action      = "ARCHIVE"
  detector_id = aws_guardduty_detector.this.id
  rank        = 1

  finding_criteria {
    criterion {
      field  = "type"
      equals = ["Recon:EC2/PortProbeUnprotectedPort"]
    }
    criterion {
      field     = "severity"
      less_than = "4"
    }
  }
}

resource "aws_kms_key" "export" {
  description             = "findings export"
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Action = "kms:*", Resource = "*", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" } },
      {
        Sid       = "GuardDuty"
        Effect    = "Allow"
        Action    = "kms:GenerateDataKey"
        Resource  = "*"
        Principal = { Service = "guardduty.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.me.account_id } }
      },
    ]
  })
}

resource "aws_s3_bucket" "export" {
  bucket_prefix = "gd-findings-"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "export" {
  bucket = aws_s3_bucket.export.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Put"
        Effect    = "Allow"
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.export.arn}/*"
        Principal = { Service = "guardduty.amazonaws.com" }
        Condition = {
          StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.me.account_id }
          ArnEquals    = { "aws:SourceArn" = aws_guardduty_detector.this.arn }
        }
      },
      {
        Sid       = "Location"
        Effect    = "Allow"
        Action    = "s3:GetBucketLocation"
        Resource  = aws_s3_bucket.export.arn
        Principal = { Service = "guardduty.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.me.account_id } }
      },
    ]
  })
}

resource "aws_guardduty_publishing_destination" "export" {
  detector_id     = aws_guardduty_detector.this.id
  destination_arn = aws_s3_bucket.export.arn
  kms_key_arn     = aws_kms_key.export.arn
  depends_on      = [aws_s3_bucket_policy.export]
}

resource "aws_sns_topic" "alerts" {
  name         = "guardduty-alerts"
  display_name = "GuardDuty findings"
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Events", Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.alerts.arn, Principal = { Service = "events.amazonaws.com" } }]
  })
}

resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_cloudwatch_event_rule" "findings" {
  name = "guardduty-findings"
  event_pattern = jsonencode({
    source        = ["aws.guardduty"]
    "detail-type" = ["GuardDuty Finding"]
    detail        = { severity = [{ numeric = [">=", 7] }] }
  })
}

resource "aws_cloudwatch_event_target" "sns" {
  rule      = aws_cloudwatch_event_rule.findings.name
  target_id = "sns"
  arn       = aws_sns_topic.alerts.arn
}

resource "aws_iam_role" "triage" {
  name = "guardduty-triage"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_cloudwatch_log_group" "triage" {
  name              = "/aws/lambda/guardduty-triage"
  retention_in_days = 30
}

resource "aws_lambda_function" "triage" {
  function_name    = "guardduty-triage"
  role             = aws_iam_role.triage.arn
  runtime          = "python3.12"
  handler          = "handler.main"
  filename         = "${path.module}/handler.zip"
  source_code_hash = filebase64sha256("${path.module}/handler.zip")
  depends_on       = [aws_cloudwatch_log_group.triage]
}

resource "aws_lambda_permission" "events" {
  statement_id  = "events"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.triage.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.findings.arn
}

resource "aws_cloudwatch_event_target" "triage" {
  rule      = aws_cloudwatch_event_rule.findings.name
  target_id = "triage"
  arn       = aws_lambda_function.triage.arn
}

# ---------------------------------------------------------------- people
resource "aws_iam_group" "readers" {
  name = "guardduty-readers"
}

resource "aws_iam_group_policy" "readers" {
  name  = "guardduty-read"
  group = aws_iam_group.readers.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Read"
      Effect   = "Allow"
      Action   = ["guardduty:Get*", "guardduty:List*", "guardduty:Describe*"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_user" "analyst" {
  name = "analyst-one"
}

resource "aws_iam_group_membership" "readers" {
  name  = "guardduty-readers"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.analyst.name]
}

output "detector_id" {
  value = aws_guardduty_detector.this.id
}

output "trusted_location" {
  value = aws_guardduty_ipset.trusted.location
}

output "alert_email" {
  value     = var.alert_email
  sensitive = true
}
