package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

type saramaDriver struct {
	profile      Profile
	topic, group string
	members      sarama.ConsumerGroup
	mutex        sync.Mutex
	session      sarama.ConsumerGroupSession
}

func newSarama(profile Profile, topic, group string) driver {
	return &saramaDriver{profile: profile, topic: topic, group: group}
}

func (client *saramaDriver) settings() *sarama.Config {
	profile := client.profile
	// [[connect]]
	config := sarama.NewConfig()
	config.Version = sarama.V2_0_0_0
	config.Net.TLS.Enable = true
	config.Net.TLS.Config = profile.tls()
	config.Net.SASL.Enable = true
	config.Net.SASL.Mechanism = sarama.SASLTypePlaintext
	config.Net.SASL.User = profile.ConsumerName
	config.Net.SASL.Password = profile.Auth.Secret
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	// [[/connect]]
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Group.Session.Timeout = sessionTimeout
	config.Consumer.Group.Heartbeat.Interval = heartbeatInterval
	return config
}

func (client *saramaDriver) brokers() []string { return []string{client.profile.Kafka.Bootstrap} }

func (client *saramaDriver) consume() {
	var err error
	client.members, err = sarama.NewConsumerGroup(client.brokers(), client.group, client.settings())
	check(err)
	go func() {
		for { // each session ends with a rebalance
			err := client.members.Consume(context.Background(), []string{client.topic}, client)
			if errors.Is(err, sarama.ErrClosedConsumerGroup) {
				return
			}
			check(err)
		}
	}()
}

func (client *saramaDriver) Setup(session sarama.ConsumerGroupSession) error {
	client.mutex.Lock()
	defer client.mutex.Unlock()
	client.session = session
	return nil
}

func (client *saramaDriver) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (client *saramaDriver) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			print(message)
			session.MarkMessage(message, "")
		case <-session.Context().Done():
			return nil
		}
	}
}

func print(message *sarama.ConsumerMessage) {
	headers := []header{}
	for _, one := range message.Headers {
		headers = append(headers, header{string(one.Key), one.Value})
	}
	say(record{int(message.Partition), message.Offset, message.Timestamp.UnixMilli(), message.Key, message.Value, headers})
}

func (client *saramaDriver) seek(time time.Time) {
	connection, err := sarama.NewClient(client.brokers(), client.settings())
	check(err)
	consumer, err := sarama.NewConsumerFromClient(connection)
	check(err)
	partitions, err := connection.Partitions(client.topic)
	check(err)
	for _, partition := range partitions {
		offset, err := connection.GetOffset(client.topic, partition, time.UnixMilli())
		check(err)
		if offset < 0 { // no record is that late
			offset = sarama.OffsetNewest
		}
		reader, err := consumer.ConsumePartition(client.topic, partition, offset)
		check(err)
		go func() {
			for message := range reader.Messages() {
				print(message)
			}
		}()
	}
}

func (client *saramaDriver) commit() {
	client.mutex.Lock()
	defer client.mutex.Unlock()
	client.session.Commit()
}

func (client *saramaDriver) leave() {
	if err := client.members.Close(); err != nil && !strings.Contains(err.Error(), "closed") {
		check(err)
	}
}
