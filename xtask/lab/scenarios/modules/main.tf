terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# default configuration = Ireland; the two aliases are passed into the module calls
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

provider "aws" {
  alias  = "tokyo"
  region = var.third_region
}

variable "third_region" {
  type    = string
  default = "ap-northeast-1"
}

locals {
  # the addresses are examples: any public ones
  lists = {
    offices = { kind = "trusted", entries = ["1.1.1.0/24", "9.9.9.9"] }
    blocked = { kind = "threat", entries = ["185.220.101.0/24"] }
    scanner = { kind = "threat", entries = ["45.155.205.233", "45.155.204.128"] }
  }
}

module "ireland" {
  source = "./modules/region"
  lists  = local.lists
  label  = "ie"
}

module "virginia" {
  source    = "./modules/region"
  providers = { aws = aws.virginia }
  lists     = { for k, v in local.lists : k => v if v.kind == "threat" }
  label     = "us"
}

module "tokyo" {
  source    = "./modules/region"
  providers = { aws = aws.tokyo }
  lists     = {}
  detectors = 0 # switched off: count = 0 all the way down
  label     = "jp"
}

output "detectors" {
  value = {
    ie = module.ireland.detector_id
    us = module.virginia.detector_id
    jp = module.tokyo.detector_id
  }
}
