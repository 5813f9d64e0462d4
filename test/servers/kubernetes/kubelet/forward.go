package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/httpstream/wsstream"
)

const (
	forwardProtocol    = "v4." + wsstream.ChannelWebSocketProtocol
	forwardIdleTimeout = 4 * time.Hour
)

// serveForward connects one port of a pod, in the protocol of a real kubelet over WebSocket: of two channels the first
// carries the bytes, the second says what went wrong, and both begin with the port. SPDY is not spoken.
func (k *kubelet) serveForward(answer http.ResponseWriter, request *http.Request) {
	namespace, pod := request.PathValue("namespace"), request.PathValue("pod")
	address, err := k.addressOf(namespace, pod)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusNotFound)
		return
	}
	asked := request.URL.Query()["port"]
	if len(asked) != 1 {
		http.Error(answer, "one port is forwarded at a time", http.StatusBadRequest)
		return
	}
	port, err := strconv.ParseUint(asked[0], 10, 16)
	if err != nil || port == 0 {
		http.Error(answer, fmt.Sprintf("unable to parse %q as a port", asked[0]), http.StatusBadRequest)
		return
	}
	if !wsstream.IsWebSocketRequest(request) {
		http.Error(answer, "only WebSockets are forwarded", http.StatusBadRequest)
		return
	}
	channels := []wsstream.ChannelType{wsstream.ReadWriteChannel, wsstream.WriteChannel}
	conn := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{
		forwardProtocol: {Binary: true, Channels: channels},
	})
	conn.SetIdleTimeout(forwardIdleTimeout)
	_, streams, err := conn.Open(answer, request)
	if err != nil {
		return
	}
	defer conn.Close()
	number := binary.LittleEndian.AppendUint16(nil, uint16(port))
	for _, stream := range streams {
		_, _ = stream.Write(number)
	}
	if err := forward(net.JoinHostPort(address, asked[0]), streams[0]); err != nil {
		_, _ = fmt.Fprintf(streams[1], "error forwarding port %d to pod %s: %v", port, pod, err)
	}
}

// forward copies both ways until one side has ended.
func forward(address string, stream io.ReadWriter) error {
	connection, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	ended := make(chan struct{}, 2)
	copyAll := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from)
		ended <- struct{}{}
	}
	go copyAll(connection, stream)
	go copyAll(stream, connection)
	<-ended
	return nil
}

func (k *kubelet) addressOf(namespace, pod string) (string, error) {
	worker := k.named(namespace, pod)
	if worker == nil {
		return "", fmt.Errorf("pod %q not found in namespace %q", pod, namespace)
	}
	if ip := worker.fields().ip; ip != "" {
		return ip, nil
	}
	return "", fmt.Errorf("pod %q in namespace %q has no address", pod, namespace)
}
