# Each container of a workload that runs on has a preStop: what `pre-stop-required` asks, as it is written for conftest.
package main

import rego.v1

templated := {"DaemonSet", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"}

pod_spec := input.spec if input.kind == "Pod"

pod_spec := input.spec.template.spec if input.kind in templated

deny contains message if {
	some container in pod_spec.containers
	not container.lifecycle.preStop
	message := sprintf("%s %s: container %s has no preStop", [input.kind, input.metadata.name, container.name])
}
