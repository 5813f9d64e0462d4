package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// logOptions are those of the API; nil and zero mean: not asked for.
type logOptions struct {
	since      time.Time
	tail       *int
	limitBytes int64
	timestamps bool
	follow     bool
	previous   bool
	// "stdout" or "stderr" alone.
	stream string
}

var errLimit = errors.New("as many bytes as were asked for")

// read writes what is there of a process's log.
func (l *containerLogs) read(out io.Writer, instance int, options logOptions) error {
	options.follow = false
	return l.send(context.Background(), out, instance, options)
}

// send writes a log, and with follow goes on until the process has ended or ctx ends.
func (l *containerLogs) send(ctx context.Context, out io.Writer, instance int, options logOptions) error {
	file, err := os.Open(l.path(instance))
	if err != nil {
		return err
	}
	defer file.Close()
	to := &logSender{out: out, options: options, left: options.limitBytes}
	lines := bufio.NewReaderSize(file, 2*longestLine)
	var part []byte
	for {
		more, going := l.more(instance)
		part, err = to.sendAll(lines, part)
		if err != nil {
			return unlessLimit(err)
		}
		if err := unlessLimit(to.sendKept()); err != nil || !options.follow || !going {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-more:
		}
	}
}

func unlessLimit(err error) error {
	if errors.Is(err, errLimit) {
		return nil
	}
	return err
}

// logSender turns lines of the file into those of the answer.
type logSender struct {
	out     io.Writer
	options logOptions
	left    int64
	// The last lines so far, as long as only the last ones are wanted.
	kept [][]byte
	// Whether the next part continues a line that was sent.
	within bool
}

// sendAll reads until the end of the file; it takes and answers the part of a line that is not written wholly yet.
func (s *logSender) sendAll(lines *bufio.Reader, part []byte) ([]byte, error) {
	for {
		text, err := lines.ReadBytes('\n')
		part = append(part, text...)
		if errors.Is(err, io.EOF) {
			return part, nil
		}
		if err != nil {
			return nil, err
		}
		if err := s.take(part); err != nil {
			return nil, err
		}
		part = nil
	}
}

func (s *logSender) take(line []byte) error {
	fields := bytes.SplitN(line, []byte(" "), 4)
	if len(fields) != 4 {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, string(fields[0]))
	if err != nil || at.Before(s.options.since) {
		return err
	}
	if s.options.stream != "" && s.options.stream != string(fields[1]) {
		return nil
	}
	text, whole := fields[3], string(fields[2]) == "F"
	if !whole {
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	if s.options.timestamps && !s.within {
		text = append(append(append([]byte{}, fields[0]...), ' '), text...)
	}
	continued := s.within
	s.within = !whole
	if s.options.tail == nil {
		return s.write(text)
	}
	if continued && len(s.kept) > 0 {
		s.kept[len(s.kept)-1] = append(s.kept[len(s.kept)-1], text...)
		return nil
	}
	s.kept = append(s.kept, append([]byte{}, text...))
	if len(s.kept) > *s.options.tail {
		s.kept = s.kept[1:]
	}
	return nil
}

// sendKept sends the last lines; those that come later are sent as they come.
func (s *logSender) sendKept() error {
	for _, line := range s.kept {
		if err := s.write(line); err != nil {
			return err
		}
	}
	s.kept, s.options.tail = nil, nil
	return nil
}

func (s *logSender) write(text []byte) error {
	if s.options.limitBytes > 0 && int64(len(text)) >= s.left {
		_, err := s.out.Write(text[:s.left])
		return errors.Join(err, errLimit)
	}
	s.left -= int64(len(text))
	_, err := s.out.Write(text)
	return err
}
