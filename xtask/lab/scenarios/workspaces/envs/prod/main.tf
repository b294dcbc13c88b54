# the same stack as in the folder beside: only terraform.tfvars differs
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
}

variable "environment" {
  type = string
}

variable "region" {
  type = string
}

resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_s3_bucket" "lists" {
  bucket        = "gd-lists-${var.environment}-${var.region}"
  force_destroy = true
}

resource "aws_s3_object" "trusted" {
  bucket  = aws_s3_bucket.lists.id
  key     = "guardduty/trusted.txt"
  content = "1.1.1.0/24\n9.9.9.9\n"
}

resource "aws_guardduty_ipset" "trusted" {
  activate    = true
  detector_id = aws_guardduty_detector.this.id
  format      = "TXT"
  location    = "s3://${aws_s3_object.trusted.bucket}/${aws_s3_object.trusted.key}"
  name        = "trusted"
}
