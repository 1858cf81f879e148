//go:build tools

// Package peer names the programs, beside Kubernetes' own, that a real control plane with simulated nodes is made of.
package peer

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "sigs.k8s.io/kwok/cmd/kwok"
	_ "sigs.k8s.io/kwok/cmd/kwokctl"
)
