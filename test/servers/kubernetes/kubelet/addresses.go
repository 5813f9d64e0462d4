package main

import (
	"errors"
	"net/netip"
	"sync"
)

// addressPool hands out addresses of a network one after the other, so that one comes back as late as can be.
type addressPool struct {
	mutex   sync.Mutex
	network netip.Prefix
	next    netip.Addr
	taken   map[netip.Addr]bool
}

var errNoAddress = errors.New("no address left in the pod network")

func newAddressPool(cidr string) (*addressPool, error) {
	network, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, err
	}
	network = network.Masked()
	return &addressPool{network: network, next: network.Addr(), taken: map[netip.Addr]bool{}}, nil
}

// take gives an address that no one has: never the first or the last of the network.
func (p *addressPool) take() (netip.Addr, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	first := p.network.Addr()
	for range 1 << min(p.network.Addr().BitLen()-p.network.Bits(), 16) {
		p.next = p.next.Next()
		if !p.network.Contains(p.next) || !p.network.Contains(p.next.Next()) {
			p.next = first.Next()
		}
		if !p.taken[p.next] {
			p.taken[p.next] = true
			return p.next, nil
		}
	}
	return netip.Addr{}, errNoAddress
}

func (p *addressPool) giveBack(address netip.Addr) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.taken, address)
}
