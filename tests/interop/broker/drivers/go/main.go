// Drivers of Go's clients of Kafka: drivers CLIENT PROFILE TOPIC GROUP. ../line_protocol.py says what a driver is.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Profile is what `tenter consumer add --profile-out` writes.
type Profile struct {
	ConsumerName string `json:"consumer_name"`
	Auth         struct{ Secret string }
	Kafka        struct{ Bootstrap, Ca string }
}

func (profile Profile) tls() *tls.Config {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(profile.Kafka.Ca)) {
		fail("the profile's kafka.ca holds no certificate")
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}
}

// What a client must be able to do for the commands of the same names. Each prints records with sayRecord until it has left.
type driver interface {
	consume()
	seek(time time.Time)
	commit()
	leave()
}

// The times of all clients where a test need not wait for what no test is about.
const (
	sessionTimeout    = 6 * time.Second
	heartbeatInterval = 300 * time.Millisecond
)

func fail(what ...any) {
	fmt.Fprintln(os.Stderr, what...)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

var output sync.Mutex

func say(line any) {
	text, err := json.Marshal(line)
	check(err)
	output.Lock()
	defer output.Unlock()
	_, err = os.Stdout.Write(append(text, '\n'))
	check(err)
}

type header [2]any // name, value

type record struct {
	Partition int      `json:"partition"`
	Offset    int64    `json:"offset"`
	Timestamp int64    `json:"timestamp"`
	Key       []byte   `json:"key"` // base64, null where nil
	Value     []byte   `json:"value"`
	Headers   []header `json:"headers"`
}

func main() {
	if len(os.Args) != 5 {
		fail("usage: drivers CLIENT PROFILE TOPIC GROUP")
	}
	text, err := os.ReadFile(os.Args[2])
	check(err)
	var profile Profile
	check(json.Unmarshal(text, &profile))
	makers := map[string]func(Profile, string, string) driver{
		"kafka-go": newKafkaGo, "mister-go": newMisterGo, "franz-go": newFranzGo, "sarama": newSarama}
	maker, ok := makers[os.Args[1]]
	if !ok {
		fail("unknown client", os.Args[1])
	}
	run(maker(profile, os.Args[3], os.Args[4]))
}

func run(client driver) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "consume":
			client.consume()
		case "seek":
			milliseconds, err := strconv.ParseInt(words[1], 10, 64)
			check(err)
			client.seek(time.UnixMilli(milliseconds))
		case "commit":
			client.commit()
			say(map[string]string{"did": "commit"})
		case "leave":
			client.commit()
			client.leave()
			say(map[string]string{"did": "leave"})
			return
		default:
			fail("unknown command", words[0])
		}
	}
	fail("stdin has ended")
}
