# declared formats do not match what the objects hold
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
  region = "eu-west-1"
}

data "aws_caller_identity" "me" {}

locals {
  slr_arn  = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
  trusted  = ["1.1.1.0/24", "9.9.9.9"]
  suspects = ["185.220.101.0/24", "45.155.205.233"] # examples: any public addresses
}

resource "aws_guardduty_detector" "this" {
  enable = true
}

resource "aws_s3_bucket" "lists" {
  bucket_prefix = "gd-lists-"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "lists" {
  bucket = aws_s3_bucket.lists.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "GuardDutyReads", Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.lists.arn}/*", Principal = { AWS = local.slr_arn } },
    ]
  })
}

resource "aws_s3_object" "trusted" {
  bucket  = aws_s3_bucket.lists.id
  key     = "guardduty/trusted.txt"
  content = "${join("\n", local.trusted)}\n"
}

resource "aws_s3_object" "suspects" {
  bucket  = aws_s3_bucket.lists.id
  key     = "guardduty/suspects.txt"
  content = "address,seen\n${join("\n", [for a in local.suspects : "${a},2024-05-01"])}\n"
}

resource "aws_guardduty_ipset" "trusted" {
  activate    = true
  detector_id = aws_guardduty_detector.this.id
  format      = "STIX"
  location    = "https://s3.amazonaws.com/${aws_s3_bucket.lists.id}/${aws_s3_object.trusted.key}"
  name        = "trusted"
  depends_on  = [aws_s3_bucket_policy.lists]
}

resource "aws_guardduty_threatintelset" "suspects" {
  activate    = true
  detector_id = aws_guardduty_detector.this.id
  format      = "OTX_CSV"
  location    = "https://s3.amazonaws.com/${aws_s3_object.suspects.bucket}/${aws_s3_object.suspects.key}"
  name        = "suspects"
  depends_on  = [aws_s3_bucket_policy.lists]
}
