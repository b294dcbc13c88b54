//! What AWS says: partitions, ARNs, S3 locations, policies, list formats.
