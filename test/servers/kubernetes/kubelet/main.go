// Command keyturn-kubelet is one node of a test cluster: it runs the containers of its pods as processes of this
// machine and tells the API server what became of them. README.md says what of a real kubelet it does and does not do.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

type options struct {
	kubeconfig, node, cert, key, clientCA, listen, podCIDR, folder string
}

// The main function stays on the first thread, see makeProcess.
func init() { runtime.LockOSThread() }

func main() {
	if len(os.Args) == 3 && os.Args[1] == enterArgument {
		enter(os.Args[2])
	}
	log.SetFlags(log.LstdFlags | log.Lmicroseconds | log.LUTC)
	var given options
	flag.StringVar(&given.kubeconfig, "kubeconfig", "", "login of this node")
	flag.StringVar(&given.node, "node", "", "name of this node")
	flag.StringVar(&given.cert, "cert", "", "certificate that the API server sees")
	flag.StringVar(&given.key, "key", "", "its key")
	flag.StringVar(&given.clientCA, "client-ca", "", "authority of the API server's client certificate")
	flag.StringVar(&given.listen, "listen", "", "host:port of the kubelet API")
	flag.StringVar(&given.podCIDR, "pod-cidr", "", "addresses for pods, IPv4")
	flag.StringVar(&given.folder, "folder", "", "where pods have their files")
	flag.Parse()

	// Whoever started us ends us with either; the second is also sent when that process dies.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ended := make(chan error)
	go func() { ended <- run(ctx, given) }()
	for {
		select {
		case makeOne := <-makeProcess:
			makeOne()
		case err := <-ended:
			if err != nil && !errors.Is(err, context.Canceled) {
				log.Fatal(err)
			}
			return
		}
	}
}

// run serves until ctx ends; all pod processes have ended when it returns.
func run(ctx context.Context, given options) error {
	config, err := clientcmd.BuildConfigFromFlags("", given.kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 1000, 2000
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	addresses, err := newAddressPool(given.podCIDR)
	if err != nil {
		return err
	}
	service, err := serviceEnvironment(config)
	if err != nil {
		return err
	}
	events, stopEvents := newRecorder(client, given.node)
	defer stopEvents()
	k := &kubelet{
		client: client, events: events, node: given.node, addresses: addresses,
		folder: given.folder, mounts: canMount(), service: service,
		workers: map[types.UID]*podWorker{}, binding: map[types.UID]bool{},
	}
	if !k.mounts {
		log.Print("no right to mount: volumes are at $MOUNT_<NAME> only")
	}
	closeAPI, err := k.serve(given)
	if err != nil {
		return err
	}
	defer closeAPI()
	defer k.endAll()
	stopped, err := k.register(ctx, given.listen)
	if err != nil {
		return err
	}
	if err := k.watch(ctx); err != nil {
		return err
	}
	fmt.Println("ready")
	select {
	case <-ctx.Done():
		return nil
	case err := <-stopped:
		return err
	}
}

// serviceEnvironment is how programs in pods find the API server.
func serviceEnvironment(config *rest.Config) ([]string, error) {
	url, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, err
	}
	return []string{"KUBERNETES_SERVICE_HOST=" + url.Hostname(), "KUBERNETES_SERVICE_PORT=" + url.Port()}, nil
}
