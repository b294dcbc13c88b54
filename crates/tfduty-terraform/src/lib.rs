//! Terraform and OpenTofu files to units of objects: states, plans, saved plans, sources.
