//! The GuardDuty rules over an estate of Terraform units.
