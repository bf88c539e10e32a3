#include "gateway/broker/broker.hpp"
