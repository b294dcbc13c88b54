//! Attributes of what a plan is mostly about: machines, containers, networks, databases, alarms. No rule looks at them.

use serde_json::{Value, json};

use super::{
    kinds::{Kind, Place, tags, tags_all},
    random::Random,
};

/// The kinds, each with how often it occurs.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        resource_type: "aws_instance",
        weight: 9,
        make: instance,
        computed: &["arn", "id", "private_ip", "private_dns", "primary_network_interface_id", "instance_state"],
        sensitive: &[],
    },
    Kind {
        resource_type: "aws_security_group",
        weight: 12,
        make: security_group,
        computed: &["arn", "id", "owner_id"],
        sensitive: &[],
    },
    Kind {
        resource_type: "aws_lambda_function",
        weight: 9,
        make: lambda,
        computed: &["arn", "id", "invoke_arn", "qualified_arn", "last_modified", "version", "code_sha256"],
        sensitive: &["environment"],
    },
    Kind {
        resource_type: "aws_cloudwatch_metric_alarm",
        weight: 13,
        make: alarm,
        computed: &["arn", "id"],
        sensitive: &[],
    },
    Kind {
        resource_type: "aws_db_instance",
        weight: 4,
        make: database,
        computed: &["arn", "id", "address", "endpoint", "resource_id", "hosted_zone_id"],
        sensitive: &["password"],
    },
    Kind {
        resource_type: "aws_lb_target_group",
        weight: 7,
        make: target_group,
        computed: &["arn", "id", "arn_suffix"],
        sensitive: &[],
    },
    Kind {
        resource_type: "aws_ecs_task_definition",
        weight: 7,
        make: task,
        computed: &["arn", "id", "revision", "arn_without_revision"],
        sensitive: &[],
    },
    Kind { resource_type: "aws_subnet", weight: 8, make: subnet, computed: &["arn", "id", "owner_id"], sensitive: &[] },
    Kind { resource_type: "aws_route53_record", weight: 9, make: record, computed: &["fqdn", "id"], sensitive: &[] },
    Kind {
        resource_type: "aws_dynamodb_table",
        weight: 5,
        make: table,
        computed: &["arn", "id", "stream_arn", "stream_label"],
        sensitive: &[],
    },
];

fn instance(random: &mut Random, place: &Place<'_>) -> Value {
    let id = format!("i-{}", random.hex(17));
    let volume = format!("vol-{}", random.hex(17));
    let address = format!("10.{}.{}.{}", random.below(256), random.below(256), random.below(256));
    json!({
        "ami": format!("ami-{}", random.hex(17)), "arn": place.arn("ec2", &format!("instance/{id}")),
        "associate_public_ip_address": false, "availability_zone": format!("{}a", place.region),
        "capacity_reservation_specification": [{"capacity_reservation_preference": "open", "capacity_reservation_target": []}],
        "cpu_options": [{"amd_sev_snp": "", "core_count": 2, "threads_per_core": 2}],
        "credit_specification": [{"cpu_credits": "unlimited"}], "disable_api_stop": false,
        "disable_api_termination": random.percent(30), "ebs_block_device": [], "ebs_optimized": true,
        "enclave_options": [{"enabled": false}], "ephemeral_block_device": [], "get_password_data": false,
        "hibernation": false, "iam_instance_profile": place.name, "id": id, "instance_state": "running",
        "instance_type": random.pick(&["t3.medium", "m6i.large", "c7g.2xlarge", "r6i.4xlarge"]),
        "ipv6_address_count": 0, "ipv6_addresses": [], "key_name": "", "launch_template": [],
        "maintenance_options": [{"auto_recovery": "default"}],
        "metadata_options": [{
            "http_endpoint": "enabled", "http_protocol_ipv6": "disabled", "http_put_response_hop_limit": 2,
            "http_tokens": "required", "instance_metadata_tags": "disabled",
        }],
        "monitoring": true, "network_interface": [], "primary_network_interface_id": format!("eni-{}", random.hex(17)),
        "private_dns": format!("ip-{}.{}.compute.internal", address.replace('.', "-"), place.region),
        "private_ip": address,
        "root_block_device": [{
            "delete_on_termination": true, "device_name": "/dev/xvda", "encrypted": true, "iops": 3000,
            "kms_key_id": place.arn("kms", &format!("key/{}", random.hex(32))),
            "tags": tags(random, place), "tags_all": {}, "throughput": 125, "volume_id": volume,
            "volume_size": 8 * (1 + random.below(32)), "volume_type": "gp3",
        }],
        "secondary_private_ips": [], "security_groups": [], "source_dest_check": true,
        "subnet_id": format!("subnet-{}", random.hex(17)), "tags": tags(random, place), "tags_all": tags_all(random, place),
        "tenancy": "default", "timeouts": null, "user_data": random.hex(40), "user_data_replace_on_change": false,
        "volume_tags": null, "vpc_security_group_ids": [format!("sg-{}", random.hex(17)), format!("sg-{}", random.hex(17))],
    })
}

fn security_group(random: &mut Random, place: &Place<'_>) -> Value {
    let id = format!("sg-{}", random.hex(17));
    let rules = 1 + random.below(4);
    let ingress: Vec<Value> = (0..rules)
        .map(|_| {
            let port = random.pick(&[22, 80, 443, 5432, 6379, 8080]);
            json!({
                "cidr_blocks": [format!("10.{}.0.0/16", random.below(256)), format!("10.{}.0.0/16", random.below(256))],
                "description": format!("{port} from within"), "from_port": port, "ipv6_cidr_blocks": [],
                "prefix_list_ids": [], "protocol": "tcp", "security_groups": [], "self": false, "to_port": port,
            })
        })
        .collect();
    json!({
        "arn": place.arn("ec2", &format!("security-group/{id}")), "description": "Managed by Terraform",
        "egress": [{
            "cidr_blocks": ["0.0.0.0/0"], "description": "", "from_port": 0, "ipv6_cidr_blocks": ["::/0"],
            "prefix_list_ids": [], "protocol": "-1", "security_groups": [], "self": false, "to_port": 0,
        }],
        "id": id, "ingress": ingress, "name": place.name, "name_prefix": "", "owner_id": place.account,
        "revoke_rules_on_delete": false, "tags": tags(random, place), "tags_all": tags_all(random, place),
        "timeouts": null, "vpc_id": format!("vpc-{}", random.hex(17)),
    })
}

fn lambda(random: &mut Random, place: &Place<'_>) -> Value {
    let arn = place.arn("lambda", &format!("function:{}", place.name));
    json!({
        "architectures": ["arm64"], "arn": arn, "code_sha256": random.hex(44), "code_signing_config_arn": "",
        "dead_letter_config": [{"target_arn": place.arn("sqs", &format!("{}-dead", place.name))}],
        "description": format!("Handles events of {}: see the run book in docs/{}.md", place.stack, place.name),
        "environment": [{"variables": {
            "LOG_LEVEL": "info", "POWERTOOLS_SERVICE_NAME": place.stack, "STAGE": random.pick(&["dev", "staging", "prod"]),
            "TABLE": format!("{}-{}", place.stack, random.hex(8)), "DATABASE_URL": format!("postgres://app:{}@db/app", random.hex(24)),
        }}],
        "ephemeral_storage": [{"size": 512}], "file_system_config": [], "filename": "build/package.zip",
        "function_name": place.name, "handler": "index.handler", "id": place.name, "image_config": [], "image_uri": "",
        "invoke_arn": format!("arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{arn}/invocations", place.region),
        "kms_key_arn": "", "last_modified": "2026-10-01T12:00:00.000+0000",
        "layers": [place.arn("lambda", &format!("layer:common:{}", random.below(90)))],
        "logging_config": [{"application_log_level": "INFO", "log_format": "JSON", "log_group": format!("/aws/lambda/{}", place.name), "system_log_level": "WARN"}],
        "memory_size": 128 * (1 + random.below(16)), "package_type": "Zip", "publish": false,
        "qualified_arn": format!("{arn}:$LATEST"), "reserved_concurrent_executions": -1,
        "role": format!("arn:aws:iam::{}:role/{}", place.account, place.name),
        "runtime": random.pick(&["python3.13", "nodejs22.x", "provided.al2023"]), "skip_destroy": false,
        "snap_start": [], "source_code_hash": random.hex(44), "source_code_size": random.below(9_000_000),
        "tags": tags(random, place), "tags_all": tags_all(random, place), "timeout": 30, "timeouts": null,
        "tracing_config": [{"mode": "Active"}], "version": "$LATEST",
        "vpc_config": [{
            "ipv6_allowed_for_dual_stack": false, "security_group_ids": [format!("sg-{}", random.hex(17))],
            "subnet_ids": [format!("subnet-{}", random.hex(17)), format!("subnet-{}", random.hex(17))], "vpc_id": format!("vpc-{}", random.hex(17)),
        }],
    })
}

fn alarm(random: &mut Random, place: &Place<'_>) -> Value {
    let topic = place.arn("sns", &format!("alarms-{}", place.stack));
    json!({
        "actions_enabled": true, "alarm_actions": [topic], "alarm_description": format!(
            "{} of {} is > {} for {} minutes \u{2014} see https://wiki.example.com/runbooks/{}",
            random.pick(&["CPU", "latency", "error rate", "queue age"]), place.name, random.below(100), random.below(30), place.stack
        ),
        "alarm_name": place.name, "arn": place.arn("cloudwatch", &format!("alarm:{}", place.name)),
        "comparison_operator": "GreaterThanThreshold", "datapoints_to_alarm": 3,
        "dimensions": {"ClusterName": place.stack, "ServiceName": place.name}, "evaluate_low_sample_count_percentiles": "",
        "evaluation_periods": 5, "extended_statistic": "", "id": place.name, "insufficient_data_actions": [],
        "metric_name": "", "metric_query": [
            {"account_id": "", "expression": "(errors / requests) * 100", "id": "rate", "label": "Error rate", "metric": [], "period": 0, "return_data": true},
            {"account_id": "", "expression": "", "id": "errors", "label": "", "metric": [{
                "dimensions": {"LoadBalancer": format!("app/{}/{}", place.stack, random.hex(16))}, "metric_name": "HTTPCode_Target_5XX_Count",
                "namespace": "AWS/ApplicationELB", "period": 60, "stat": "Sum", "unit": "Count",
            }], "period": 0, "return_data": false},
        ],
        "namespace": "", "ok_actions": [topic], "period": 0, "statistic": "", "tags": tags(random, place),
        "tags_all": tags_all(random, place), "threshold": random.below(100), "threshold_metric_id": "",
        "treat_missing_data": "notBreaching", "unit": "",
    })
}

fn database(random: &mut Random, place: &Place<'_>) -> Value {
    let address = format!("{}.{}.{}.rds.amazonaws.com", place.name, random.hex(12), place.region);
    json!({
        "address": address, "allocated_storage": 20 * (1 + random.below(50)), "allow_major_version_upgrade": null,
        "apply_immediately": false, "arn": place.arn("rds", &format!("db:{}", place.name)), "auto_minor_version_upgrade": true,
        "availability_zone": format!("{}b", place.region), "backup_retention_period": 14, "backup_target": "region",
        "backup_window": "03:00-04:00", "blue_green_update": [], "ca_cert_identifier": "rds-ca-rsa2048-g1",
        "character_set_name": "", "copy_tags_to_snapshot": true, "customer_owned_ip_enabled": false, "db_name": "app",
        "db_subnet_group_name": place.stack, "dedicated_log_volume": false, "delete_automated_backups": true,
        "deletion_protection": true, "domain": "", "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "endpoint": format!("{address}:5432"), "engine": "postgres", "engine_version": "16.4", "hosted_zone_id": "Z29XKXDKYMONMX",
        "iam_database_authentication_enabled": true, "id": format!("db-{}", random.hex(26).to_uppercase()),
        "identifier": place.name, "instance_class": random.pick(&["db.t4g.medium", "db.r6g.large"]), "iops": 3000,
        "kms_key_id": place.arn("kms", &format!("key/{}", random.hex(32))), "listener_endpoint": [], "maintenance_window": "sun:04:30-sun:05:30",
        "manage_master_user_password": null, "master_user_secret": [], "max_allocated_storage": 1000, "monitoring_interval": 60,
        "multi_az": true, "network_type": "IPV4", "parameter_group_name": place.stack, "password": random.hex(32),
        "performance_insights_enabled": true, "performance_insights_retention_period": 7, "port": 5432, "publicly_accessible": false,
        "replicas": [], "resource_id": format!("db-{}", random.hex(26).to_uppercase()), "restore_to_point_in_time": [], "s3_import": [],
        "skip_final_snapshot": false, "storage_encrypted": true, "storage_throughput": 125, "storage_type": "gp3",
        "tags": tags(random, place), "tags_all": tags_all(random, place), "timeouts": {"create": null, "delete": null, "update": "90m"},
        "username": "app", "vpc_security_group_ids": [format!("sg-{}", random.hex(17))],
    })
}

fn target_group(random: &mut Random, place: &Place<'_>) -> Value {
    let suffix = format!("targetgroup/{}/{}", place.name, random.hex(16));
    let arn = place.arn("elasticloadbalancing", &suffix);
    json!({
        "arn": arn, "arn_suffix": suffix, "connection_termination": null, "deregistration_delay": "30",
        "health_check": [{
            "enabled": true, "healthy_threshold": 3, "interval": 30, "matcher": "200-399", "path": "/health/ready",
            "port": "traffic-port", "protocol": "HTTP", "timeout": 5, "unhealthy_threshold": 3,
        }],
        "id": arn, "ip_address_type": "ipv4", "lambda_multi_value_headers_enabled": false, "load_balancer_arns": [],
        "load_balancing_algorithm_type": "least_outstanding_requests", "load_balancing_anomaly_mitigation": "off",
        "load_balancing_cross_zone_enabled": "use_load_balancer_configuration", "name": place.name, "name_prefix": "",
        "port": 8080, "preserve_client_ip": null, "protocol": "HTTP", "protocol_version": "HTTP1", "proxy_protocol_v2": false,
        "slow_start": random.below(60),
        "stickiness": [{"cookie_duration": 86400, "cookie_name": "", "enabled": random.percent(40), "type": "lb_cookie"}],
        "tags": tags(random, place), "tags_all": tags_all(random, place), "target_failover": [{"on_deregistration": null, "on_unhealthy": null}],
        "target_group_health": [{
            "dns_failover": [{"minimum_healthy_targets_count": "1", "minimum_healthy_targets_percentage": "off"}],
            "unhealthy_state_routing": [{"minimum_healthy_targets_count": 1, "minimum_healthy_targets_percentage": "off"}],
        }],
        "target_health_state": [], "target_type": "ip", "vpc_id": format!("vpc-{}", random.hex(17)),
    })
}

fn task(random: &mut Random, place: &Place<'_>) -> Value {
    let containers = json!([{
        "cpu": 256, "environment": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "SERVICE", "value": place.stack}, {"name": "REVISION", "value": random.hex(40)}],
        "essential": true, "image": format!("{}.dkr.ecr.{}.amazonaws.com/{}:{}", place.account, place.region, place.name, random.hex(40)),
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": format!("/ecs/{}", place.name), "awslogs-region": place.region, "awslogs-stream-prefix": "app"}},
        "memory": 512, "mountPoints": [], "name": place.name, "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "secrets": [{"name": "DATABASE_URL", "valueFrom": place.arn("secretsmanager", &format!("secret:{}-{}", place.name, random.hex(6)))}],
    }]);
    let arn = place.arn("ecs", &format!("task-definition/{}", place.name));
    json!({
        "arn": format!("{arn}:{}", random.below(900)), "arn_without_revision": arn, "container_definitions": containers.to_string(),
        "cpu": "256", "ephemeral_storage": [], "execution_role_arn": format!("arn:aws:iam::{}:role/{}-execution", place.account, place.name),
        "family": place.name, "id": place.name, "inference_accelerator": [], "ipc_mode": "", "memory": "512", "network_mode": "awsvpc",
        "pid_mode": "", "placement_constraints": [], "proxy_configuration": [], "requires_compatibilities": ["FARGATE"],
        "revision": random.below(900), "runtime_platform": [{"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}],
        "skip_destroy": false, "tags": tags(random, place), "tags_all": tags_all(random, place),
        "task_role_arn": format!("arn:aws:iam::{}:role/{}", place.account, place.name), "track_latest": false, "volume": [],
    })
}

fn subnet(random: &mut Random, place: &Place<'_>) -> Value {
    let id = format!("subnet-{}", random.hex(17));
    json!({
        "arn": place.arn("ec2", &format!("subnet/{id}")), "assign_ipv6_address_on_creation": false,
        "availability_zone": format!("{}c", place.region), "availability_zone_id": "euw1-az3",
        "cidr_block": format!("10.{}.{}.0/24", random.below(256), random.below(256)), "customer_owned_ipv4_pool": "",
        "enable_dns64": false, "enable_lni_at_device_index": 0, "enable_resource_name_dns_a_record_on_launch": false,
        "enable_resource_name_dns_aaaa_record_on_launch": false, "id": id, "ipv6_cidr_block": "",
        "ipv6_cidr_block_association_id": "", "ipv6_native": false, "map_customer_owned_ip_on_launch": false,
        "map_public_ip_on_launch": false, "outpost_arn": "", "owner_id": place.account,
        "private_dns_hostname_type_on_launch": "ip-name", "tags": tags(random, place), "tags_all": tags_all(random, place),
        "timeouts": null, "vpc_id": format!("vpc-{}", random.hex(17)),
    })
}

fn record(random: &mut Random, place: &Place<'_>) -> Value {
    let zone = format!("Z{}", random.hex(13).to_uppercase());
    let name = format!("{}.{}.example.com", place.name, place.stack);
    json!({
        "alias": [{"evaluate_target_health": true, "name": format!("dualstack.{}-{}.{}.elb.amazonaws.com", place.stack, random.below(1_000_000_000), place.region), "zone_id": "Z32O12XQLNTSW2"}],
        "allow_overwrite": null, "cidr_routing_policy": [], "failover_routing_policy": [], "fqdn": name, "geolocation_routing_policy": [],
        "geoproximity_routing_policy": [], "health_check_id": "", "id": format!("{zone}_{name}_A"), "latency_routing_policy": [],
        "multivalue_answer_routing_policy": false, "name": name, "records": null, "set_identifier": "", "timeouts": null, "ttl": 0, "type": "A",
        "weighted_routing_policy": [{"weight": random.below(255)}], "zone_id": zone,
    })
}

fn table(random: &mut Random, place: &Place<'_>) -> Value {
    let arn = place.arn("dynamodb", &format!("table/{}", place.name));
    json!({
        "arn": arn, "attribute": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}, {"name": "gsi1", "type": "S"}],
        "billing_mode": "PAY_PER_REQUEST", "deletion_protection_enabled": true,
        "global_secondary_index": [{
            "hash_key": "gsi1", "name": "by-owner", "non_key_attributes": [], "on_demand_throughput": [], "projection_type": "ALL",
            "range_key": "sk", "read_capacity": 0, "write_capacity": 0,
        }],
        "hash_key": "pk", "id": place.name, "import_table": [], "local_secondary_index": [], "name": place.name, "on_demand_throughput": [],
        "point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 35}], "range_key": "sk", "read_capacity": 0, "replica": [],
        "restore_date_time": null, "restore_source_name": null, "restore_to_latest_time": null,
        "server_side_encryption": [{"enabled": true, "kms_key_arn": place.arn("kms", &format!("key/{}", random.hex(32)))}],
        "stream_arn": format!("{arn}/stream/2026-01-01T00:00:00.000"), "stream_enabled": true, "stream_label": "2026-01-01T00:00:00.000",
        "stream_view_type": "NEW_AND_OLD_IMAGES", "table_class": "STANDARD", "tags": tags(random, place), "tags_all": tags_all(random, place),
        "timeouts": {"create": null, "delete": null, "update": null}, "ttl": [{"attribute_name": "expires", "enabled": true}], "write_capacity": 0,
    })
}
