# Four rules of `tfduty check`, as a policy over plan JSON would have them: the peer that `cargo xtask bench` measures.
package guardduty

import rego.v1

# detector-disabled
deny contains message if {
	some change in input.resource_changes
	change.type == "aws_guardduty_detector"
	change.change.after.enable == false
	message := sprintf("%s is suspended", [change.address])
}

# list-inactive
deny contains message if {
	some change in input.resource_changes
	change.type in {"aws_guardduty_ipset", "aws_guardduty_threatintelset"}
	change.change.after.activate == false
	message := sprintf("%s is not active", [change.address])
}

# detector-frequency-slow
deny contains message if {
	some change in input.resource_changes
	change.type == "aws_guardduty_detector"
	change.change.after.finding_publishing_frequency == "SIX_HOURS"
	message := sprintf("%s publishes every six hours", [change.address])
}

# list-object-missing
deny contains message if {
	some change in input.resource_changes
	change.type in {"aws_guardduty_ipset", "aws_guardduty_threatintelset"}
	location := change.change.after.location
	not location in locations
	message := sprintf("%s points at an object that is not there", [change.address])
}

locations contains location if {
	some change in input.resource_changes
	change.type == "aws_s3_object"
	location := sprintf("https://s3.amazonaws.com/%s/%s", [change.change.after.bucket, change.change.after.key])
}
