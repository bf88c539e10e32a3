#pragma once
// gateway/log_segment/rule_breakers.hpp: the log's four rules that lose events when broken, as switches.
// A test of durability that cannot fail proves nothing: the crash simulation must lose events with each of these. Nothing but tests sets
// one; no configuration reaches them.

namespace tenter::log {

struct RuleBreakers {
    bool acknowledge_before_sync = false;            ///< Completes appends after the journal write, before its fdatasync.
    bool trust_segments_beyond_checkpoint = false;   ///< Recovery keeps what it finds in segments and replays only what is beyond it.
    bool checkpoint_before_segments_synced = false;  ///< Writes `checkpoint` without making the segments durable first.
    bool remove_before_checkpoint = false;           ///< Removes segments before the checkpoint that allows it is durable.
};

}  // namespace tenter::log
