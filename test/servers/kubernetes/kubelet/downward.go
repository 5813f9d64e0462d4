package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// podFields is what a pod may be told of itself.
type podFields struct {
	pod    *v1.Pod
	ip     string
	hostIP string
}

// field answers the value of a field path, as `metadata.labels['app']`.
func (p *podFields) field(path string) (string, error) {
	pod := p.pod
	if name, key, ok := subscript(path); ok {
		switch name {
		case "metadata.labels":
			return pod.Labels[key], nil
		case "metadata.annotations":
			return pod.Annotations[key], nil
		}
	}
	switch path {
	case "metadata.name":
		return pod.Name, nil
	case "metadata.namespace":
		return pod.Namespace, nil
	case "metadata.uid":
		return string(pod.UID), nil
	case "metadata.labels":
		return formatMap(pod.Labels), nil
	case "metadata.annotations":
		return formatMap(pod.Annotations), nil
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.podIPs":
		return p.ip, nil
	case "status.hostIP", "status.hostIPs":
		return p.hostIP, nil
	}
	return "", fmt.Errorf("field path %q is not supported", path)
}

func subscript(path string) (name, key string, ok bool) {
	name, rest, ok := strings.Cut(path, "['")
	return name, strings.TrimSuffix(rest, "']"), ok && strings.HasSuffix(rest, "']")
}

func formatMap(values map[string]string) string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		lines = append(lines, fmt.Sprintf("%s=%q", key, values[key]))
	}
	return strings.Join(lines, "\n")
}

// resourceField answers `limits.cpu` and its like in units of the divisor, rounded up.
func resourceField(ref *v1.ResourceFieldSelector, container *v1.Container) (string, error) {
	kind, name, _ := strings.Cut(ref.Resource, ".")
	list := map[string]v1.ResourceList{"limits": container.Resources.Limits, "requests": container.Resources.Requests}[kind]
	quantity, there := list[v1.ResourceName(name)]
	if !there {
		return "", fmt.Errorf("resource field %q is not set", ref.Resource)
	}
	divisor := ref.Divisor
	if divisor.IsZero() {
		divisor = resource.MustParse("1")
	}
	value, unit := quantity.MilliValue(), divisor.MilliValue()
	return strconv.FormatInt((value+unit-1)/unit, 10), nil
}
