package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// failure is a probe that asks for an end.
type failure struct {
	kind  string
	grace time.Duration
}

// Follows redirects and believes any certificate, as kubelets do; every attempt is a connection of its own.
var probeClient = &http.Client{Transport: &http.Transport{
	DisableKeepAlives: true, Proxy: nil, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
}}

// probe looks after a process until it has ended (probing). Liveness and startup are of no interest any more once the
// pod is to end (ctx). The channel tells of at most one failure.
func (c *container) probe(ctx, probing context.Context, p *process) <-chan failure {
	failed := make(chan failure, 1)
	deadly := func(kind string, probe *v1.Probe) {
		grace := or(probe.TerminationGracePeriodSeconds, or(c.worker.fields().pod.Spec.TerminationGracePeriodSeconds, 30))
		select {
		case failed <- failure{kind, time.Duration(grace) * time.Second}:
		default:
		}
	}
	living, stop := context.WithCancel(probing)
	context.AfterFunc(ctx, stop)
	afterStart := func() {
		c.whileProbed(probing, p, c.spec.ReadinessProbe, "Readiness", func(ok bool) bool {
			c.set(func() { c.ready = ok && c.running == p })
			return true
		})
		c.whileProbed(living, p, c.spec.LivenessProbe, "Liveness", func(ok bool) bool {
			if !ok {
				deadly("liveness", c.spec.LivenessProbe)
			}
			return ok
		})
	}
	if c.spec.StartupProbe == nil {
		afterStart()
		return failed
	}
	c.whileProbed(living, p, c.spec.StartupProbe, "Startup", func(ok bool) bool {
		if !ok {
			deadly("startup", c.spec.StartupProbe)
			return false
		}
		c.set(func() {
			c.started = c.running == p
			c.ready = c.started && c.spec.ReadinessProbe == nil
		})
		afterStart()
		return false
	})
	return failed
}

// whileProbed tries a probe (nil: never) again and again in the background, and tells each time a threshold is reached,
// until told to stop.
func (c *container) whileProbed(ctx context.Context, p *process, probe *v1.Probe, kind string, tell func(ok bool) bool) {
	if probe == nil {
		return
	}
	go func() {
		if !sleep(ctx, time.Until(p.started.Add(seconds(probe.InitialDelaySeconds)))) {
			return
		}
		var good, bad int32
		for {
			err := c.attempt(ctx, probe)
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				good, bad = good+1, 0
			} else {
				good, bad = 0, bad+1
				c.event(v1.EventTypeWarning, "Unhealthy", "%s probe failed: %v", kind, err)
			}
			if good >= probe.SuccessThreshold || bad >= probe.FailureThreshold {
				if !tell(err == nil) {
					return
				}
			}
			if !sleep(ctx, seconds(probe.PeriodSeconds)) {
				return
			}
		}
	}()
}

// attempt answers why a probe failed. Defaults of its fields were filled in by the API server.
func (c *container) attempt(ctx context.Context, probe *v1.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, seconds(probe.TimeoutSeconds))
	defer cancel()
	switch {
	case probe.Exec != nil:
		code, err := c.visit(ctx, probe.Exec.Command, nil, nil, nil)
		if err == nil && ctx.Err() != nil {
			err = fmt.Errorf("command timed out after %d s", probe.TimeoutSeconds)
		}
		if err == nil && code != 0 {
			err = fmt.Errorf("command exited with %d", code)
		}
		return err
	case probe.HTTPGet != nil:
		return c.get(ctx, probe.HTTPGet)
	case probe.TCPSocket != nil:
		address, err := c.address(probe.TCPSocket.Host, probe.TCPSocket.Port)
		if err != nil {
			return err
		}
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return connection.Close()
	default:
		return errors.New("a kind of probe that this kubelet does not know")
	}
}

func (c *container) get(ctx context.Context, asked *v1.HTTPGetAction) error {
	address, err := c.address(asked.Host, asked.Port)
	if err != nil {
		return err
	}
	scheme := map[v1.URIScheme]string{v1.URISchemeHTTPS: "https"}[asked.Scheme]
	if scheme == "" {
		scheme = "http"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+address+asked.Path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "kube-probe/1.36")
	for _, header := range asked.HTTPHeaders {
		if http.CanonicalHeaderKey(header.Name) == "Host" {
			request.Host = header.Value
		}
		request.Header.Set(header.Name, header.Value)
	}
	response, err := probeClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return fmt.Errorf("HTTP probe failed with statuscode: %d", response.StatusCode)
	}
	return nil
}

func (c *container) address(host string, port intstr.IntOrString) (string, error) {
	if host == "" {
		host = c.worker.fields().ip
	}
	if port.Type == intstr.Int {
		return net.JoinHostPort(host, strconv.Itoa(int(port.IntVal))), nil
	}
	for _, named := range c.spec.Ports {
		if named.Name == port.StrVal {
			return net.JoinHostPort(host, strconv.Itoa(int(named.ContainerPort))), nil
		}
	}
	return "", fmt.Errorf("no port is named %q", port.StrVal)
}

func seconds(count int32) time.Duration {
	return time.Duration(count) * time.Second
}
