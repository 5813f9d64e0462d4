package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// As of a container runtime: a longer line is kept in several parts.
const longestLine = 16 << 10

// containerLogs keeps what the newest process of a container and the one before it wrote, each in a file of lines
// `<time> <stream> <F, or P when the line goes on> <text>`.
type containerLogs struct {
	folder string

	mutex   sync.Mutex
	file    *os.File
	writing int
	streams []*logStream
	// Closed and replaced whenever something was written or a file was closed.
	changed chan struct{}
}

// logStream cuts what a process writes into lines.
type logStream struct {
	logs *containerLogs
	name string
	rest []byte
	// When the first byte of rest came.
	since time.Time
}

func newContainerLogs(folder string) *containerLogs {
	return &containerLogs{folder: folder, changed: make(chan struct{})}
}

func (l *containerLogs) path(instance int) string {
	return filepath.Join(l.folder, fmt.Sprintf("%d.log", instance))
}

// open starts the log of a new process and drops the one before the last.
func (l *containerLogs) open(instance int) (stdout, stderr io.Writer, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err := os.MkdirAll(l.folder, 0o700); err != nil {
		return nil, nil, err
	}
	if err := os.Remove(l.path(instance - 2)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	file, err := os.OpenFile(l.path(instance), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	l.file, l.writing = file, instance
	l.streams = []*logStream{{logs: l, name: "stdout"}, {logs: l, name: "stderr"}}
	return l.streams[0], l.streams[1], nil
}

// close writes what is left of unended lines.
func (l *containerLogs) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.file == nil {
		return
	}
	for _, stream := range l.streams {
		if len(stream.rest) > 0 {
			stream.line(stream.since, "F", stream.rest)
		}
	}
	_ = l.file.Close()
	l.file = nil
	l.tell()
}

// Write never fails: a process must not notice that its log is closed.
func (s *logStream) Write(text []byte) (int, error) {
	s.logs.mutex.Lock()
	defer s.logs.mutex.Unlock()
	now := time.Now()
	for rest := text; len(rest) > 0; {
		if len(s.rest) == 0 {
			s.since = now
		}
		end := bytes.IndexByte(rest, '\n')
		room := longestLine - len(s.rest)
		switch {
		case end >= 0 && end <= room:
			s.line(s.since, "F", append(s.rest, rest[:end]...))
			s.rest, rest = nil, rest[end+1:]
		case len(rest) >= room:
			s.line(s.since, "P", append(s.rest, rest[:room]...))
			s.rest, rest = nil, rest[room:]
		default:
			s.rest, rest = append(s.rest, rest...), nil
		}
	}
	s.logs.tell()
	return len(text), nil
}

func (s *logStream) line(at time.Time, tag string, text []byte) {
	if s.logs.file == nil {
		return
	}
	_, _ = fmt.Fprintf(s.logs.file, "%s %s %s %s\n", at.UTC().Format(time.RFC3339Nano), s.name, tag, text)
}

// tell expects the mutex to be held.
func (l *containerLogs) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// more answers a channel that is closed when there is more to read, and whether there can be more of this process.
func (l *containerLogs) more(instance int) (<-chan struct{}, bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.changed, l.file != nil && l.writing == instance
}

// lastWords is the end of a log as it stands in the status of a container that failed: at most 80 lines, 2048 bytes.
func (l *containerLogs) lastWords(instance int) string {
	var out bytes.Buffer
	lines := 80
	if err := l.read(&out, instance, logOptions{tail: &lines}); err != nil {
		return ""
	}
	text := bytes.TrimRight(out.Bytes(), "\n")
	return string(text[max(0, len(text)-2048):])
}
