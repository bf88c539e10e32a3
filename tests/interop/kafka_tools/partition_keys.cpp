// Where our partitioner sends keys; the same input and output as PartitionKeys.java: partition_keys COUNT... < keys in hexadecimal
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "gateway/log/partitioner.hpp"
#include "tenter/base/encoding.hpp"

int main(int argument_count, char** arguments) {
    for (std::string line; std::getline(std::cin, line);) {
        const auto key = tenter::hex_decode(line);
        if (!key) return 2;
        std::string out = std::to_string(tenter::log::murmur2(*key));
        for (int i = 1; i < argument_count; ++i)
            out += " " + std::to_string(tenter::log::partition_of_key(*key, std::atoi(arguments[i])).value);
        std::puts(out.c_str());
    }
    return 0;
}
