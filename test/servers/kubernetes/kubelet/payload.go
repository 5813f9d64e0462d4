package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

type file struct {
	data []byte
	mode int32
}

// payload is the content of a volume by path below it.
type payload map[string]file

func (p payload) secret(ctx context.Context, from *objects, name string, items []v1.KeyToPath, optional *bool, mode int32) error {
	data, err := from.secret(ctx, name, optional)
	if err != nil {
		return err
	}
	return p.add(data, items, optional, mode, fmt.Sprintf("references non-existent secret key: %%s of secret %q", name))
}

func (p payload) configMap(ctx context.Context, from *objects, name string, items []v1.KeyToPath, optional *bool, mode int32) error {
	data, err := from.configMap(ctx, name, optional)
	if err != nil {
		return err
	}
	return p.add(data, items, optional, mode, fmt.Sprintf("references non-existent config key: %%s of configmap %q", name))
}

func (p payload) add(data map[string][]byte, items []v1.KeyToPath, optional *bool, mode int32, missing string) error {
	if len(items) == 0 {
		for key, value := range data {
			p[key] = file{value, mode}
		}
		return nil
	}
	for _, item := range items {
		value, there := data[item.Key]
		if there {
			p[item.Path] = file{value, or(item.Mode, mode)}
			continue
		}
		if err := unlessOptional(optional, fmt.Errorf(missing, item.Key)); err != nil {
			return err
		}
	}
	return nil
}

func (p payload) downward(items []v1.DownwardAPIVolumeFile, pod *podFields, mode int32) error {
	for _, item := range items {
		if item.FieldRef == nil {
			return errors.New("resource fields in volumes are not supported")
		}
		value, err := pod.field(item.FieldRef.FieldPath)
		if err != nil {
			return err
		}
		p[item.Path] = file{[]byte(value), or(item.Mode, mode)}
	}
	return nil
}

const (
	dataLink    = "..data"
	newDataLink = "..data_tmp"
)

// writeAtomically replaces a volume's content at one moment, as kubelets do: the files are in a folder of their own, to
// which the link ..data points, through which all names of the volume lead. Nothing is touched when nothing changed.
func writeAtomically(folder string, files payload) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	old, err := os.Readlink(filepath.Join(folder, dataLink))
	if err == nil && same(filepath.Join(folder, old), files) {
		return nil
	}
	fresh, err := os.MkdirTemp(folder, "..")
	if err != nil {
		return err
	}
	stamped := filepath.Join(folder, time.Now().UTC().Format("..2006_01_02_15_04_05.000000000"))
	if err := errors.Join(os.Chmod(fresh, 0o755), writeFiles(fresh, files), os.Rename(fresh, stamped)); err != nil {
		return err
	}
	newLink := filepath.Join(folder, newDataLink)
	if err := os.Symlink(filepath.Base(stamped), newLink); err != nil {
		return err
	}
	if err := os.Rename(newLink, filepath.Join(folder, dataLink)); err != nil {
		return err
	}
	if err := linkNames(folder, files); err != nil {
		return err
	}
	if old != "" {
		return os.RemoveAll(filepath.Join(folder, old))
	}
	return nil
}

func writeFiles(folder string, files payload) error {
	for path, one := range files {
		full := filepath.Join(folder, path)
		err := errors.Join(
			os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, one.data, 0o600), os.Chmod(full, fs.FileMode(one.mode)))
		if err != nil {
			return err
		}
	}
	return nil
}

// linkNames makes the first part of every path a link into ..data, and removes the links that lead nowhere now.
func linkNames(folder string, files payload) error {
	wanted := map[string]bool{}
	for path := range files {
		wanted[strings.SplitN(filepath.Clean(path), "/", 2)[0]] = true
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "..") {
			continue
		}
		if !wanted[entry.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(folder, entry.Name())))
		}
		delete(wanted, entry.Name())
	}
	for name := range wanted {
		err = errors.Join(err, os.Symlink(filepath.Join(dataLink, name), filepath.Join(folder, name)))
	}
	return err
}

// same says whether a folder holds exactly these files.
func same(folder string, files payload) bool {
	found := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		one, there := files[name]
		if err != nil || !there || !bytes.Equal(data, one.data) {
			return errors.Join(err, fs.ErrNotExist)
		}
		found++
		return nil
	})
	return err == nil && found == len(files)
}
