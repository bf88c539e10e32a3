package main

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl/plain"
)

// Segmentio's kafka-go by its Reader.
type kafkaGo struct {
	profile      Profile
	topic, group string
	reader       *kafka.Reader
	mutex        sync.Mutex
	last         map[int]kafka.Message // by partition
}

func newKafkaGo(profile Profile, topic, group string) driver {
	return &kafkaGo{profile: profile, topic: topic, group: group, last: map[int]kafka.Message{}}
}

func (client *kafkaGo) dialer() *kafka.Dialer {
	profile := client.profile
	// [[connect]]
	dialer := &kafka.Dialer{
		Timeout:       10 * time.Second,
		TLS:           profile.tls(),
		SASLMechanism: plain.Mechanism{Username: profile.ConsumerName, Password: profile.Auth.Secret},
	}
	// [[/connect]]
	return dialer
}

func (client *kafkaGo) consume() {
	client.reader = kafka.NewReader(kafka.ReaderConfig{
		Brokers:           []string{client.profile.Kafka.Bootstrap},
		Dialer:            client.dialer(),
		GroupID:           client.group,
		Topic:             client.topic,
		StartOffset:       kafka.FirstOffset,
		MaxWait:           500 * time.Millisecond,
		SessionTimeout:    sessionTimeout,
		HeartbeatInterval: heartbeatInterval,
	})
	go client.print(client.reader)
}

// A Reader without a group reads one partition.
func (client *kafkaGo) seek(time time.Time) {
	connection, err := client.dialer().Dial("tcp", client.profile.Kafka.Bootstrap)
	check(err)
	partitions, err := connection.ReadPartitions(client.topic)
	check(err)
	check(connection.Close())
	for _, partition := range partitions {
		reader := kafka.NewReader(kafka.ReaderConfig{
			Brokers: []string{client.profile.Kafka.Bootstrap}, Dialer: client.dialer(), Topic: client.topic, Partition: partition.ID})
		check(reader.SetOffsetAt(context.Background(), time))
		go client.print(reader)
	}
}

func (client *kafkaGo) print(reader *kafka.Reader) {
	for {
		message, err := reader.FetchMessage(context.Background())
		if errors.Is(err, io.EOF) {
			return
		}
		check(err)
		// The Reader gives octets of length 0 for null: Kafka's other clients tell the two apart.
		headers := []header{}
		for _, one := range message.Headers {
			headers = append(headers, header{one.Key, one.Value})
		}
		client.mutex.Lock()
		client.last[message.Partition] = message
		client.mutex.Unlock()
		say(record{message.Partition, message.Offset, message.Time.UnixMilli(), message.Key, message.Value, headers})
	}
}

func (client *kafkaGo) commit() {
	client.mutex.Lock()
	defer client.mutex.Unlock()
	messages := []kafka.Message{}
	for _, message := range client.last {
		messages = append(messages, message)
	}
	check(client.reader.CommitMessages(context.Background(), messages...))
}

func (client *kafkaGo) leave() { check(client.reader.Close()) }
