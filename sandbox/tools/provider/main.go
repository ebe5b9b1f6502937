// The official Pulumi provider for Kubernetes, from its Go module. The module's own main embeds files that only its build
// makes; sandbox/parts.py lays the module's schema.json and terraform-mapping.json here, and sets the version.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// What the plugin says of itself: the version of the module, set with -ldflags "-X main.version=…".
var version string

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var mapping []byte

func main() {
	provider.Serve("kubernetes", version, schema, mapping)
}
