// Driver of kafkajs (line_protocol.py says what a driver is):
//
//   kafkajs_driver.cjs PROFILE TOPIC GROUP          kafkajs as a program would use it
//   kafkajs_driver.cjs PROFILE TOPIC GROUP mister   with the settings of the Mister Webhooks client for Node: kafkajs' own, which commit by themselves
'use strict'
const fs = require('fs')
const readline = require('readline')
const { Kafka, logLevel } = require('kafkajs')

const [profilePath, topic, groupId, mode] = process.argv.slice(2)
const profile = JSON.parse(fs.readFileSync(profilePath, 'utf8'))
const isMister = mode === 'mister'
const next = new Map() // partition -> the offset after the last record that was printed
let consumer

function connect() {
  // [[connect]]
  const kafka = new Kafka({
    clientId: profile.consumer_name,
    brokers: [profile.kafka.bootstrap],
    ssl: { ca: [profile.kafka.ca] },
    sasl: { mechanism: 'plain', username: profile.consumer_name, password: profile.auth.secret },
    logLevel: logLevel.ERROR, // [[hidden]]
  })
  // [[/connect]]
  return kafka
}

const say = (line) => fs.writeSync(1, JSON.stringify(line) + '\n')
const encoded = (octets) => (octets === null || octets === undefined ? null : Buffer.from(octets).toString('base64'))

async function printRecord({ partition, message }) {
  const headers = []
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) headers.push([name, encoded(one)])
  }
  say({ partition, offset: Number(message.offset), timestamp: Number(message.timestamp), key: encoded(message.key),
    value: encoded(message.value), headers })
  next.set(partition, Number(message.offset) + 1)
}

async function run(options, group) {
  consumer = connect().consumer({ groupId: group, ...options })
  consumer.on('consumer.crash', ({ payload }) => { // it begins again by itself after errors that may pass
    if (!payload.restart) process.exit(1)
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ autoCommit: isMister, eachMessage: printRecord })
}

async function seek(time) {
  const admin = connect().admin()
  await admin.connect()
  const places = await admin.fetchTopicOffsetsByTimestamp(topic, time)
  await admin.disconnect()
  await run({}, groupId + '.seek')
  for (const { partition, offset } of places) consumer.seek({ topic, partition, offset })
}

const commands = {
  consume: () => run(isMister ? {} : { sessionTimeout: 6000, heartbeatInterval: 300 }, groupId),
  seek: (time) => seek(Number(time)),
  commit: async () => {
    if (!isMister) {
      await consumer.commitOffsets([...next].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })))
    }
    say({ did: 'commit' })
  },
  leave: async () => {
    if (!isMister && next.size > 0) {
      await consumer.commitOffsets([...next].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })))
    }
    await consumer.disconnect()
    say({ did: 'leave' })
    process.exit(0)
  },
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [command, ...words] = line.split(' ')
    await commands[command](...words)
  }
  process.exit(1)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
