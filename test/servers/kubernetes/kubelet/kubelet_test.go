package main

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	known := variables{"A": "a", "EMPTY": "", "B": "$(A)"}
	for text, expected := range map[string]string{
		"$(A)$(B)":         "a$(A)",
		"$$(A) $$$(A)":     "$(A) $a",
		"$(NONE) $(EMPTY)": "$(NONE) ",
		"$A $( ) $(A":      "$A $( ) $(A",
		"cost: 5$":         "cost: 5$",
	} {
		if got := expand(text, known); got != expected {
			t.Errorf("expand(%q) = %q, expected %q", text, got, expected)
		}
	}
}

func TestAddressesComeBackLate(t *testing.T) {
	pool, err := newAddressPool("198.18.7.0/29")
	if err != nil {
		t.Fatal(err)
	}
	taken := func() string {
		address, err := pool.take()
		if err != nil {
			return err.Error()
		}
		return address.String()[len("198.18.7."):]
	}
	if got := taken() + taken(); got != "12" {
		t.Errorf("took %s", got)
	}
	pool.giveBack(netip.MustParseAddr("198.18.7.1"))
	if got := strings.Join([]string{taken(), taken(), taken(), taken(), taken(), taken()}, " "); got != "3 4 5 6 1 "+errNoAddress.Error() {
		t.Errorf("took %s", got)
	}
}

func TestLogsKeepLongAndUnendedLines(t *testing.T) {
	logs := newContainerLogs(t.TempDir())
	stdout, stderr, err := logs.open(1)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 3*longestLine+5)
	for _, text := range []string{"one\ntw", "o\n", long + "\n", "open"} {
		if _, err := stdout.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := stderr.Write([]byte("bad\n")); err != nil {
		t.Fatal(err)
	}
	logs.close()
	two := 2
	for expected, options := range map[string]logOptions{
		"one\ntwo\n" + long + "\nbad\nopen\n": {},
		"bad\nopen\n":                         {tail: &two},
		"bad\n":                               {stream: "stderr"},
		"one\ntwo\nx":                         {limitBytes: 9},
	} {
		var out bytes.Buffer
		if err := logs.read(&out, 1, options); err != nil || out.String() != expected {
			t.Errorf("%+v: %v, %d bytes: %.40q", options, err, out.Len(), out.String())
		}
	}
}

func TestVolumesAreReplacedAtOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "volume")
	look := func(name string) string {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return "none"
		}
		return string(data)
	}
	for _, files := range []payload{
		{"key": {[]byte("1"), 0o644}, "deep/er": {[]byte("a"), 0o600}},
		{"key": {[]byte("2"), 0o644}, "new": {[]byte("b"), 0o644}},
	} {
		if err := writeAtomically(folder, files); err != nil {
			t.Fatal(err)
		}
		before, err := os.Readlink(filepath.Join(folder, dataLink))
		if err != nil || writeAtomically(folder, files) != nil {
			t.Fatal(err)
		}
		if after, _ := os.Readlink(filepath.Join(folder, dataLink)); after != before {
			t.Error("rewrote what had not changed")
		}
	}
	if got := look("key") + look("deep/er") + look("new"); got != "2noneb" {
		t.Errorf("volume shows %s", got)
	}
}
