# create_before_destroy whose delete half fails, when list format and bucket prefix change
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

variable "format" {
  type    = string
  default = "TXT"
}

variable "prefix" {
  type    = string
  default = "gd-one-"
}

resource "aws_s3_bucket" "lists" {
  bucket_prefix = var.prefix

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "suspects" {
  bucket  = aws_s3_bucket.lists.id
  key     = "guardduty/suspects.txt"
  content = "45.155.205.233\n"
}

resource "aws_guardduty_threatintelset" "suspects" {
  activate    = true
  detector_id = aws_guardduty_detector.this.id
  format      = var.format
  location    = "https://s3.amazonaws.com/${aws_s3_object.suspects.bucket}/${aws_s3_object.suspects.key}"
  name        = "suspects-${lower(var.format)}"

  lifecycle {
    create_before_destroy = true
  }
}
