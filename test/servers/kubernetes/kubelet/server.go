package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/virtual-kubelet/virtual-kubelet/node/api"
	v1 "k8s.io/api/core/v1"
	utilexec "k8s.io/utils/exec"
)

// serve answers the kubelet API over TLS to whoever shows a certificate of the client authority. The result ends it.
func (k *kubelet) serve(given options) (func(), error) {
	certificate, err := tls.LoadX509KeyPair(given.cert, given.key)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(given.clientCA)
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s has no certificate", given.clientCA)
	}
	listener, err := tls.Listen("tcp", given.listen, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate},
		ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert,
	})
	if err != nil {
		return nil, err
	}
	streams := api.PodHandler(api.PodHandlerConfig{
		RunInContainer:        k.exec,
		GetPodsFromKubernetes: k.listPods,
		StreamIdleTimeout:     4 * time.Hour,
	}, false)
	mux := http.NewServeMux()
	mux.Handle("/", streams)
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.serveLogs)
	mux.HandleFunc("GET /portForward/{namespace}/{pod}", k.serveForward)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 30 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}

func (k *kubelet) listPods(context.Context) ([]*v1.Pod, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	var pods []*v1.Pod
	for _, worker := range k.allWorkers() {
		pods = append(pods, worker.fields().pod)
	}
	return pods, nil
}

// exec runs a command with the environment, mounts and user of a container. There is no terminal: with tty, too, the
// command sees pipes.
func (k *kubelet) exec(ctx context.Context, namespace, pod, name string, command []string, streams api.AttachIO) error {
	c, err := k.container(namespace, pod, name)
	if err != nil {
		return err
	}
	code, err := c.visit(ctx, command, streams.Stdin(), streams.Stdout(), streams.Stderr())
	var notStarted errStart
	if errors.As(err, &notStarted) {
		return err
	}
	if err == nil && code != 0 {
		return utilexec.CodeExitError{Err: fmt.Errorf("exit status %d", code), Code: code}
	}
	return err
}

func (k *kubelet) serveLogs(answer http.ResponseWriter, request *http.Request) {
	c, err := k.container(request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container"))
	if err != nil {
		http.Error(answer, err.Error(), http.StatusNotFound)
		return
	}
	options, err := parseLogOptions(request.URL.Query())
	if err != nil {
		http.Error(answer, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	instance, err := c.logInstance(options.previous)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	answer.Header().Set("Content-Type", "text/plain")
	if err := c.logs.send(request.Context(), flusher{answer}, instance, options); err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
	}
}

// logInstance chooses the process whose log is meant; the errors are those of a real kubelet.
func (c *container) logInstance(previous bool) (int, error) {
	c.worker.mutex.Lock()
	defer c.worker.mutex.Unlock()
	about := fmt.Sprintf("container %q in pod %q", c.spec.Name, c.worker.name)
	last := 0
	if c.last != nil {
		text := c.last.ContainerID
		last, _ = strconv.Atoi(text[strings.LastIndex(text, "-")+1:])
	}
	switch {
	case previous && last == 0:
		return 0, fmt.Errorf("previous terminated %s not found", about)
	case previous:
		return last, nil
	case c.state.Waiting == nil:
		return c.instance, nil
	case last != 0:
		return last, nil
	case c.state.Waiting.Reason == "ErrImagePull":
		return 0, fmt.Errorf("%s is waiting to start: image can't be pulled", about)
	case c.state.Waiting.Reason == "ImagePullBackOff":
		return 0, fmt.Errorf("%s is waiting to start: trying and failing to pull image", about)
	default:
		return 0, fmt.Errorf("%s is waiting to start: %s", about, c.state.Waiting.Reason)
	}
}

func (k *kubelet) container(namespace, pod, name string) (*container, error) {
	worker := k.named(namespace, pod)
	if worker == nil {
		return nil, fmt.Errorf("pod %q not found in namespace %q", pod, namespace)
	}
	for _, c := range append(append([]*container{}, worker.inits...), worker.mains...) {
		if c.spec.Name == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("container %q in pod %q is not available", name, pod)
}

func parseLogOptions(query url.Values) (logOptions, error) {
	var options logOptions
	var problems []error
	number := func(name string) (int64, bool) {
		value, err := strconv.ParseInt(query.Get(name), 10, 64)
		if query.Has(name) && err != nil {
			problems = append(problems, err)
		}
		return value, query.Has(name)
	}
	options.follow = query.Get("follow") == "true"
	options.previous = query.Get("previous") == "true"
	options.timestamps = query.Get("timestamps") == "true"
	if stream := query.Get("stream"); stream == "Stdout" || stream == "Stderr" {
		options.stream = strings.ToLower(stream)
	}
	options.limitBytes, _ = number("limitBytes")
	if tail, asked := number("tailLines"); asked {
		count := int(tail)
		options.tail = &count
	}
	if seconds, asked := number("sinceSeconds"); asked {
		options.since = time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	if query.Has("sinceTime") {
		since, err := time.Parse(time.RFC3339Nano, query.Get("sinceTime"))
		options.since, problems = since, append(problems, err)
	}
	return options, errors.Join(problems...)
}

// flusher sends every write at once, for those who follow.
type flusher struct{ http.ResponseWriter }

func (f flusher) Write(text []byte) (int, error) {
	written, err := f.ResponseWriter.Write(text)
	return written, errors.Join(err, http.NewResponseController(f.ResponseWriter).Flush())
}
