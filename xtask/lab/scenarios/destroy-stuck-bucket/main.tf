# the bucket has no force_destroy, and gets an object that Terraform does not manage
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

resource "aws_guardduty_detector" "this" {
  enable = true
}

resource "aws_s3_bucket" "lists" {
  bucket_prefix = "gd-lists-"
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
  location    = "https://s3.amazonaws.com/${aws_s3_object.trusted.bucket}/${aws_s3_object.trusted.key}"
  name        = "trusted"
}
