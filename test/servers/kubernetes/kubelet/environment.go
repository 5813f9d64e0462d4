package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// objects reads Secrets and ConfigMaps from the API server, each once: one value is made for each look at the cluster.
type objects struct {
	client     kubernetes.Interface
	namespace  string
	secrets    map[string]map[string][]byte
	configMaps map[string]map[string][]byte
}

func newObjects(client kubernetes.Interface, namespace string) *objects {
	return &objects{client, namespace, map[string]map[string][]byte{}, map[string]map[string][]byte{}}
}

// secret answers the data of a Secret; nil and no error when it is not there but optional.
func (o *objects) secret(ctx context.Context, name string, optional *bool) (map[string][]byte, error) {
	if known, ok := o.secrets[name]; ok {
		return known, nil
	}
	found, err := o.client.CoreV1().Secrets(o.namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, unlessOptional(optional, fmt.Errorf("secret %q not found", name))
	}
	if err != nil {
		return nil, err
	}
	o.secrets[name] = found.Data
	if found.Data == nil {
		o.secrets[name] = map[string][]byte{}
	}
	return o.secrets[name], nil
}

// configMap is secret for ConfigMaps; binary data is among the rest.
func (o *objects) configMap(ctx context.Context, name string, optional *bool) (map[string][]byte, error) {
	if known, ok := o.configMaps[name]; ok {
		return known, nil
	}
	found, err := o.client.CoreV1().ConfigMaps(o.namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, unlessOptional(optional, fmt.Errorf("configmap %q not found", name))
	}
	if err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for key, value := range found.Data {
		data[key] = []byte(value)
	}
	maps.Copy(data, found.BinaryData)
	o.configMaps[name] = data
	return data, nil
}

func unlessOptional(optional *bool, err error) error {
	if optional != nil && *optional {
		return nil
	}
	return err
}

// variables is an environment while it is built; later ones win.
type variables map[string]string

func (v variables) list() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		list = append(list, name+"="+v[name])
	}
	return list
}

// resolve adds what envFrom and env of a container say now. An error is what keeps the container from being made.
func (v variables) resolve(ctx context.Context, from *objects, container *v1.Container, pod *podFields) error {
	for _, source := range container.EnvFrom {
		data, err := envFrom(ctx, from, source)
		if err != nil {
			return err
		}
		for key, value := range data {
			if key != "" && !strings.Contains(key, "=") {
				v[source.Prefix+key] = string(value)
			}
		}
	}
	for _, one := range container.Env {
		if one.ValueFrom == nil {
			v[one.Name] = expand(one.Value, v)
			continue
		}
		value, there, err := valueFrom(ctx, from, one.ValueFrom, container, pod)
		if err != nil {
			return err
		}
		if there {
			v[one.Name] = value
		}
	}
	return nil
}

func envFrom(ctx context.Context, from *objects, source v1.EnvFromSource) (map[string][]byte, error) {
	switch {
	case source.SecretRef != nil:
		return from.secret(ctx, source.SecretRef.Name, source.SecretRef.Optional)
	case source.ConfigMapRef != nil:
		return from.configMap(ctx, source.ConfigMapRef.Name, source.ConfigMapRef.Optional)
	default:
		return nil, nil
	}
}

func valueFrom(ctx context.Context, from *objects, source *v1.EnvVarSource, container *v1.Container, pod *podFields) (string, bool, error) {
	switch {
	case source.SecretKeyRef != nil:
		ref := source.SecretKeyRef
		data, err := from.secret(ctx, ref.Name, ref.Optional)
		return oneKey(data, ref.Key, ref.Optional, err, fmt.Sprintf("Secret %s/%s", from.namespace, ref.Name))
	case source.ConfigMapKeyRef != nil:
		ref := source.ConfigMapKeyRef
		data, err := from.configMap(ctx, ref.Name, ref.Optional)
		return oneKey(data, ref.Key, ref.Optional, err, fmt.Sprintf("ConfigMap %s/%s", from.namespace, ref.Name))
	case source.FieldRef != nil:
		value, err := pod.field(source.FieldRef.FieldPath)
		return value, true, err
	case source.ResourceFieldRef != nil:
		value, err := resourceField(source.ResourceFieldRef, container)
		return value, true, err
	default:
		return "", false, fmt.Errorf("a source of environment that this kubelet does not know")
	}
}

func oneKey(data map[string][]byte, key string, optional *bool, err error, where string) (string, bool, error) {
	if err != nil {
		return "", false, err
	}
	value, there := data[key]
	if !there {
		return "", false, unlessOptional(optional, fmt.Errorf("couldn't find key %s in %s", key, where))
	}
	return string(value), true, nil
}

// expand replaces $(NAME) by the variable; $$ is one dollar sign, and a name that is not there stays as it is written.
func expand(text string, known variables) string {
	var out strings.Builder
	for rest := text; ; {
		at := strings.IndexByte(rest, '$')
		if at < 0 || at == len(rest)-1 {
			out.WriteString(rest)
			return out.String()
		}
		out.WriteString(rest[:at])
		end := strings.IndexByte(rest[at:], ')')
		switch next := rest[at+1]; {
		case next == '$':
			out.WriteByte('$')
			rest = rest[at+2:]
		case next == '(' && end > 0:
			name := rest[at+2 : at+end]
			if value, ok := known[name]; ok {
				out.WriteString(value)
			} else {
				out.WriteString(rest[at : at+end+1])
			}
			rest = rest[at+end+1:]
		default:
			out.WriteByte('$')
			rest = rest[at+1:]
		}
	}
}
