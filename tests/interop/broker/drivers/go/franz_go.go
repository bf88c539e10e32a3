package main

import (
	"context"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

type franzGo struct {
	profile      Profile
	topic, group string
	client       *kgo.Client
}

func newFranzGo(profile Profile, topic, group string) driver {
	return &franzGo{profile: profile, topic: topic, group: group}
}

func (client *franzGo) connect(more ...kgo.Opt) {
	profile := client.profile
	// [[connect]]
	options := []kgo.Opt{
		kgo.SeedBrokers(profile.Kafka.Bootstrap),
		kgo.DialTLSConfig(profile.tls()),
		kgo.SASL(plain.Auth{User: profile.ConsumerName, Pass: profile.Auth.Secret}.AsMechanism()),
	}
	// [[/connect]]
	var err error
	client.client, err = kgo.NewClient(append(append(options, kgo.ConsumeTopics(client.topic)), more...)...)
	check(err)
	go client.print()
}

func (client *franzGo) consume() {
	client.connect(kgo.ConsumerGroup(client.group), kgo.DisableAutoCommit(), kgo.SessionTimeout(sessionTimeout),
		kgo.HeartbeatInterval(heartbeatInterval), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
}

func (client *franzGo) seek(time time.Time) {
	client.connect(kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(time.UnixMilli())))
}

func (client *franzGo) print() {
	for {
		fetches := client.client.PollFetches(context.Background())
		if fetches.IsClientClosed() {
			return
		}
		for _, failed := range fetches.Errors() {
			if !strings.Contains(failed.Err.Error(), "rebalance") {
				check(failed.Err)
			}
		}
		fetches.EachRecord(func(one *kgo.Record) {
			headers := []header{}
			for _, each := range one.Headers {
				headers = append(headers, header{each.Key, each.Value})
			}
			say(record{int(one.Partition), one.Offset, one.Timestamp.UnixMilli(), one.Key, one.Value, headers})
		})
	}
}

func (client *franzGo) commit() { check(client.client.CommitUncommittedOffsets(context.Background())) }

func (client *franzGo) leave() { client.client.Close() }
