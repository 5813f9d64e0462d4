package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	authentication "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// volumes are the folders of one pod that its containers may see.
type volumes struct {
	client kubernetes.Interface
	folder string
	// By path in their volume.
	tokens map[string]projectedToken
}

// projectedToken is a service account's token that is asked for anew when four fifths of its life are over.
type projectedToken struct {
	text    []byte
	renewAt time.Time
}

const defaultMode = int32(0o644)

// path is where a volume's content really lies.
func (v *volumes) path(volume *v1.Volume) string {
	if volume.HostPath != nil {
		return volume.HostPath.Path
	}
	return filepath.Join(v.folder, volume.Name)
}

// write brings every volume of a pod up to date with the objects it shows. After an error the others are up to date.
func (v *volumes) write(ctx context.Context, pod *podFields) error {
	from := newObjects(v.client, pod.pod.Namespace)
	var problems []error
	for i := range pod.pod.Spec.Volumes {
		volume := &pod.pod.Spec.Volumes[i]
		if err := v.writeOne(ctx, from, volume, pod); err != nil {
			problems = append(problems, fmt.Errorf("MountVolume.SetUp failed for volume %q : %w", volume.Name, err))
		}
	}
	return errors.Join(problems...)
}

func (v *volumes) writeOne(ctx context.Context, from *objects, volume *v1.Volume, pod *podFields) error {
	files := payload{}
	var err error
	switch {
	case volume.HostPath != nil:
		return nil
	case volume.EmptyDir != nil:
		return makeOpen(v.path(volume))
	case volume.Secret != nil:
		source := volume.Secret
		err = files.secret(ctx, from, source.SecretName, source.Items, source.Optional, or(source.DefaultMode, defaultMode))
	case volume.ConfigMap != nil:
		source := volume.ConfigMap
		err = files.configMap(ctx, from, source.Name, source.Items, source.Optional, or(source.DefaultMode, defaultMode))
	case volume.DownwardAPI != nil:
		err = files.downward(volume.DownwardAPI.Items, pod, or(volume.DownwardAPI.DefaultMode, defaultMode))
	case volume.Projected != nil:
		err = v.projected(ctx, files, from, volume.Projected, pod)
	default:
		err = errors.New("a kind of volume that this kubelet does not know")
	}
	if err != nil {
		return err
	}
	return writeAtomically(v.path(volume), files)
}

func (v *volumes) projected(ctx context.Context, files payload, from *objects, volume *v1.ProjectedVolumeSource, pod *podFields) error {
	mode := or(volume.DefaultMode, defaultMode)
	for _, source := range volume.Sources {
		var err error
		switch {
		case source.Secret != nil:
			err = files.secret(ctx, from, source.Secret.Name, source.Secret.Items, source.Secret.Optional, mode)
		case source.ConfigMap != nil:
			err = files.configMap(ctx, from, source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional, mode)
		case source.DownwardAPI != nil:
			err = files.downward(source.DownwardAPI.Items, pod, mode)
		case source.ServiceAccountToken != nil:
			path := source.ServiceAccountToken.Path
			err = v.serviceAccountToken(ctx, source.ServiceAccountToken, pod.pod)
			files[path] = file{v.tokens[path].text, mode}
		default:
			err = errors.New("a projected source that this kubelet does not know")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *volumes) serviceAccountToken(ctx context.Context, source *v1.ServiceAccountTokenProjection, pod *v1.Pod) error {
	if time.Now().Before(v.tokens[source.Path].renewAt) {
		return nil
	}
	asked := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
		ExpirationSeconds: source.ExpirationSeconds,
		BoundObjectRef:    &authentication.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod.Name, UID: pod.UID},
	}}
	if source.Audience != "" {
		asked.Spec.Audiences = []string{source.Audience}
	}
	accounts := v.client.CoreV1().ServiceAccounts(pod.Namespace)
	given, err := accounts.CreateToken(ctx, pod.Spec.ServiceAccountName, asked, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("failed to fetch token: %w", err)
	}
	life := time.Until(given.Status.ExpirationTimestamp.Time)
	v.tokens[source.Path] = projectedToken{text: []byte(given.Status.Token), renewAt: time.Now().Add(life * 4 / 5)}
	return nil
}

// shows says whether a volume of the pod has content of this object.
func shows(pod *v1.Pod, kind, name string) bool {
	for _, volume := range pod.Spec.Volumes {
		sources := []v1.VolumeProjection{}
		if volume.Projected != nil {
			sources = volume.Projected.Sources
		}
		if kind == "Secret" && volume.Secret != nil && volume.Secret.SecretName == name {
			return true
		}
		if kind == "ConfigMap" && volume.ConfigMap != nil && volume.ConfigMap.Name == name {
			return true
		}
		for _, source := range sources {
			if kind == "Secret" && source.Secret != nil && source.Secret.Name == name {
				return true
			}
			if kind == "ConfigMap" && source.ConfigMap != nil && source.ConfigMap.Name == name {
				return true
			}
		}
	}
	return false
}

// mountVariable is how a container without mounts finds a volume: MOUNT_DB_CONFIG of `db-config`.
func mountVariable(volume string) string {
	return "MOUNT_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(volume))
}

// makeOpen makes a folder that any user may write to, as an emptyDir is.
func makeOpen(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	return os.Chmod(folder, 0o777)
}

func or[T any](pointer *T, otherwise T) T {
	if pointer == nil {
		return otherwise
	}
	return *pointer
}
