package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/sasl/plain"
)

// As the Mister Webhooks client for Go uses kafka-go: not its Reader but single requests, a static member of the group, isolation level 1, and
// waits of 10 s.
const (
	misterSession = 30 * time.Second
	misterWait    = 10 * time.Second
	misterBytes   = 50 << 20
)

type misterGo struct {
	topic, group, instance string
	client                 *kafka.Client
	mutex                  sync.Mutex // of what follows
	member                 string
	generation             int
	next                   map[int]int64      // by partition, of those assigned
	stop                   context.CancelFunc // ends this generation's fetches
	hasLeft                bool
}

func newMisterGo(profile Profile, topic, group string) driver {
	// [[connect]]
	client := &kafka.Client{
		Addr: kafka.TCP(profile.Kafka.Bootstrap),
		Transport: &kafka.Transport{
			TLS:  profile.tls(),
			SASL: plain.Mechanism{Username: profile.ConsumerName, Password: profile.Auth.Secret},
		},
	}
	// [[/connect]]
	host, err := os.Hostname()
	check(err)
	return &misterGo{topic: topic, group: group, instance: fmt.Sprintf("%s-%d", host, os.Getpid()), client: client}
}

func (driver *misterGo) consume() {
	driver.join()
	go driver.beat()
}

// Joins, or joins again, and begins to fetch what it is assigned.
func (driver *misterGo) join() {
	driver.mutex.Lock()
	defer driver.mutex.Unlock()
	for !driver.hasLeft && !driver.joined() {
	}
}

// False when the group began to rebalance once more meanwhile.
func (driver *misterGo) joined() bool {
	ctx := context.Background()
	subscription := kafka.GroupProtocolSubscription{Topics: []string{driver.topic}}
	joined, err := driver.client.JoinGroup(ctx, &kafka.JoinGroupRequest{
		GroupID: driver.group, SessionTimeout: misterSession, RebalanceTimeout: misterSession, MemberID: driver.member,
		GroupInstanceID: driver.instance, ProtocolType: "consumer",
		Protocols: []kafka.GroupProtocol{{Name: "range", Metadata: subscription}, {Name: "roundrobin", Metadata: subscription}}})
	check(err)
	if rebalances(joined.Error) {
		return false
	}
	check(joined.Error)
	driver.member, driver.generation = joined.MemberID, joined.GenerationID

	request := &kafka.SyncGroupRequest{GroupID: driver.group, GenerationID: driver.generation, MemberID: driver.member,
		GroupInstanceID: driver.instance, ProtocolType: "consumer", ProtocolName: joined.ProtocolName}
	if joined.LeaderID == joined.MemberID {
		request.Assignments = driver.assign(joined.Members)
	}
	synced, err := driver.client.SyncGroup(ctx, request)
	check(err)
	if rebalances(synced.Error) {
		return false
	}
	check(synced.Error)
	driver.begin(synced.Assignment.AssignedPartitions[driver.topic])
	return true
}

// The group changes meanwhile, or its coordinator does, as in a cluster that has just begun.
func rebalances(err error) bool {
	return errors.Is(err, kafka.RebalanceInProgress) || errors.Is(err, kafka.NotCoordinatorForGroup) ||
		errors.Is(err, kafka.GroupCoordinatorNotAvailable) || errors.Is(err, kafka.GroupLoadInProgress)
}

func (driver *misterGo) assign(members []kafka.JoinGroupResponseMember) []kafka.SyncGroupRequestAssignment {
	metadata, err := driver.client.Metadata(context.Background(), &kafka.MetadataRequest{Topics: []string{driver.topic}})
	check(err)
	assigned := make([][]int, len(members))
	for at, partition := range metadata.Topics[0].Partitions {
		assigned[at%len(members)] = append(assigned[at%len(members)], partition.ID)
	}
	var assignments []kafka.SyncGroupRequestAssignment
	for at, member := range members {
		assignments = append(assignments, kafka.SyncGroupRequestAssignment{MemberID: member.ID,
			Assignment: kafka.GroupProtocolAssignment{AssignedPartitions: map[string][]int{driver.topic: assigned[at]}}})
	}
	return assignments
}

// Fetches from where the group is, with the mutex held.
func (driver *misterGo) begin(partitions []int) {
	driver.next = map[int]int64{}
	ctx, stop := context.WithCancel(context.Background())
	driver.stop = stop
	if len(partitions) == 0 {
		return
	}
	committed, err := driver.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: driver.group, Topics: map[string][]int{driver.topic: partitions}})
	check(err)
	check(committed.Error)
	for _, partition := range committed.Topics[driver.topic] {
		check(partition.Error)
		driver.next[partition.Partition] = partition.CommittedOffset
		if partition.CommittedOffset < 0 {
			driver.next[partition.Partition] = driver.list(kafka.FirstOffsetOf(partition.Partition)).FirstOffset
		}
	}
	for partition := range driver.next {
		go driver.fetch(ctx, partition)
	}
}

func (driver *misterGo) list(what kafka.OffsetRequest) kafka.PartitionOffsets {
	listed, err := driver.client.ListOffsets(context.Background(), &kafka.ListOffsetsRequest{
		Topics: map[string][]kafka.OffsetRequest{driver.topic: {what}}, IsolationLevel: kafka.ReadCommitted})
	check(err)
	check(listed.Topics[driver.topic][0].Error)
	return listed.Topics[driver.topic][0]
}

func (driver *misterGo) fetch(ctx context.Context, partition int) {
	for {
		driver.mutex.Lock()
		offset := driver.next[partition]
		driver.mutex.Unlock()
		fetched, err := driver.client.Fetch(ctx, &kafka.FetchRequest{Topic: driver.topic, Partition: partition, Offset: offset, MinBytes: 1,
			MaxBytes: misterBytes, MaxWait: misterWait, IsolationLevel: kafka.ReadCommitted})
		if ctx.Err() != nil {
			return
		}
		check(err)
		check(fetched.Error)
		driver.mutex.Lock()
		for ctx.Err() == nil {
			one, err := fetched.Records.ReadRecord()
			if errors.Is(err, io.EOF) {
				break
			}
			check(err)
			if one.Offset >= driver.next[partition] {
				printProtocolRecord(partition, one)
				driver.next[partition] = one.Offset + 1
			}
		}
		driver.mutex.Unlock()
	}
}

func printProtocolRecord(partition int, one *kafka.Record) {
	key, err := protocol.ReadAll(one.Key)
	check(err)
	value, err := protocol.ReadAll(one.Value)
	check(err)
	headers := []header{}
	for _, each := range one.Headers {
		headers = append(headers, header{each.Key, each.Value})
	}
	say(record{partition, one.Offset, one.Time.UnixMilli(), key, value, headers})
}

func (driver *misterGo) beat() {
	for range time.Tick(heartbeatInterval) {
		driver.mutex.Lock()
		request := &kafka.HeartbeatRequest{GroupID: driver.group, GenerationID: int32(driver.generation), MemberID: driver.member,
			GroupInstanceID: driver.instance}
		hasLeft, stop := driver.hasLeft, driver.stop
		driver.mutex.Unlock()
		if hasLeft {
			return
		}
		beaten, err := driver.client.Heartbeat(context.Background(), request)
		check(err)
		if answer := errorOf(beaten); rebalances(answer) {
			stop()
			driver.join()
		} else if driver.isMember() {
			check(answer)
		}
	}
}

// kafka-go has the answer's two fields in the wrong order: it takes the error for the lower half of the throttling.
func errorOf(beaten *kafka.HeartbeatResponse) error {
	if beaten.Throttle == 0 {
		return beaten.Error
	}
	return kafka.Error(beaten.Throttle.Milliseconds())
}

func (driver *misterGo) isMember() bool {
	driver.mutex.Lock()
	defer driver.mutex.Unlock()
	return !driver.hasLeft
}

func (driver *misterGo) commit() {
	driver.mutex.Lock()
	defer driver.mutex.Unlock()
	var offsets []kafka.OffsetCommit
	for partition, offset := range driver.next {
		offsets = append(offsets, kafka.OffsetCommit{Partition: partition, Offset: offset})
	}
	committed, err := driver.client.OffsetCommit(context.Background(), &kafka.OffsetCommitRequest{GroupID: driver.group,
		GenerationID: driver.generation, MemberID: driver.member, InstanceID: driver.instance,
		Topics: map[string][]kafka.OffsetCommit{driver.topic: offsets}})
	check(err)
	for _, partition := range committed.Topics[driver.topic] {
		check(partition.Error)
	}
}

func (driver *misterGo) leave() {
	driver.mutex.Lock()
	defer driver.mutex.Unlock()
	driver.hasLeft = true
	driver.stop()
	left, err := driver.client.LeaveGroup(context.Background(), &kafka.LeaveGroupRequest{GroupID: driver.group,
		Members: []kafka.LeaveGroupRequestMember{{ID: driver.member, GroupInstanceID: driver.instance}}})
	check(err)
	check(left.Error)
}

func (driver *misterGo) seek(time time.Time) {
	metadata, err := driver.client.Metadata(context.Background(), &kafka.MetadataRequest{Topics: []string{driver.topic}})
	check(err)
	driver.next = map[int]int64{}
	for _, partition := range metadata.Topics[0].Partitions {
		found := driver.list(kafka.TimeOffsetOf(partition.ID, time))
		for offset := range found.Offsets {
			driver.next[partition.ID] = offset
		}
		if driver.next[partition.ID] < 0 { // no record is that late
			driver.next[partition.ID] = driver.list(kafka.LastOffsetOf(partition.ID)).LastOffset
		}
	}
	for partition := range driver.next {
		go driver.fetch(context.Background(), partition)
	}
}
