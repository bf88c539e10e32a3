"""Method: a repository of four rooms without a fault; each test adds one fault and must see just that one."""
import check_layers
from small_repository import SmallRepository


class CheckLayers(SmallRepository):
    def setUp(self):
        super().setUp()
        self.write("src/CMakeLists.txt", "# lowest first\nforeach(room base event auth)\n  add_subdirectory(${room})\nendforeach()\n")
        self.write("gateway/CMakeLists.txt", "add_subdirectory(http)\n")
        self.room("src/base", "base")
        self.room("src/event", "event", "base")
        self.room("src/auth", "auth", "base")
        self.room("gateway/http", "http", "base event")
        for room in ("base", "event", "auth"):
            self.write(f"include/tenter/{room}/{room}.hpp", "#pragma once\n")
        self.write("src/event/event.cpp", '#include "tenter/event/event.hpp"\n#include "tenter/base/base.hpp"\n')
        self.write("gateway/http/server.hpp", '#include "tenter/event/event.hpp"\n#include "gateway/http/server_detail.hpp"\n')

    def room(self, folder, name, deps=""):
        self.write(f"{folder}/CMakeLists.txt", f"tenter_library({name}\n  SRCS a.cpp\n  DEPS {deps}\n  LIBS OpenSSL::Crypto)\n")

    def assert_one_fault(self, *parts):
        faults = check_layers.faults_of(self.root)
        self.assertEqual(len(faults), 1, faults)
        for part in parts:
            self.assertIn(part, faults[0])

    def test_a_repository_that_keeps_the_rules_has_no_fault(self):
        self.assertEqual(check_layers.faults_of(self.root), [])

    def test_a_folder_without_rooms_is_a_fault(self):
        self.assertNotEqual(check_layers.faults_of(self.root / "include"), [])

    def test_an_include_of_a_room_that_is_not_listed_is_found_with_its_line(self):
        self.write("src/event/event.cpp", '#include <string>\n\n#include "tenter/auth/auth.hpp"\n')
        self.assert_one_fault("src/event/event.cpp:3", "room auth", "DEPS of event")

    def test_an_include_in_a_public_header_counts_as_the_rooms(self):
        self.write("include/tenter/base/base.hpp", '  #  include "tenter/event/event.hpp"\n')
        self.assert_one_fault("include/tenter/base/base.hpp:1", "room event")

    def test_a_transitive_dependency_must_be_listed_too(self):
        self.room("gateway/http", "http", "event")
        self.write("gateway/http/server.cpp", '#include "tenter/base/base.hpp"\n')
        self.assert_one_fault("gateway/http/server.cpp:1", "room base")

    def test_a_library_room_must_not_use_the_gateway(self):
        self.room("src/auth", "auth", "base http")
        self.assert_one_fault("src/auth/CMakeLists.txt", "auth depends on http", "not below")

    def test_a_cycle_is_found_where_it_points_up(self):
        self.room("src/event", "event", "base auth")
        self.room("src/auth", "auth", "base event")
        self.assert_one_fault("event depends on auth")

    def test_a_room_must_not_depend_on_itself(self):
        self.room("src/auth", "auth", "auth base")
        self.assert_one_fault("auth depends on auth")

    def test_a_room_that_no_list_adds_is_found(self):
        self.room("gateway/extra", "extra", "base")
        self.assert_one_fault("room extra is added by neither")

    def test_an_unknown_room_in_deps_is_found(self):
        self.room("src/auth", "auth", "base evnet")
        self.assert_one_fault("depends on evnet", "no room")

    def test_a_header_of_an_unknown_room_is_found(self):
        self.write("src/auth/a.cpp", '#include "tenter/evnet/event.hpp"\n')
        self.assert_one_fault("no room evnet")

    def test_a_private_header_of_another_room_is_found(self):
        self.write("src/base/detail.hpp", "#pragma once\n")
        self.write("src/auth/a.cpp", '#include "src/base/detail.hpp"\n')
        self.assert_one_fault("private to room base")

    def test_a_path_out_of_the_folder_is_found(self):
        self.write("src/auth/a.cpp", '#include "../base/detail.hpp"\n')
        self.assert_one_fault("src/auth/a.cpp:1", "reaches out")

    def test_the_program_on_top_must_link_what_it_includes(self):
        self.write("cli/CMakeLists.txt", "add_executable(tenter main.cpp)\ntarget_link_libraries(tenter PRIVATE tenter::base)\n")
        self.write("cli/main.cpp", '#include "tenter/base/base.hpp"\n#include "gateway/http/server.hpp"\n')
        self.assert_one_fault("cli/main.cpp:2", "room http")

    def test_what_the_program_links_does_not_free_the_library_beside_it(self):
        self.write("cli/CMakeLists.txt", "tenter_library(cli SRCS tail.cpp DEPS base)\nadd_executable(tenter\n  main.cpp)\n"
                   "target_link_libraries(tenter PRIVATE tenter::cli tenter::http)\n")
        self.write("cli/main.cpp", '#include "cli/tail.hpp"\n#include "gateway/http/server.hpp"\n')
        self.write("cli/tail.cpp", '#include "gateway/http/server.hpp"\n')
        self.assert_one_fault("cli/tail.cpp:1", "room http")

    def test_a_commented_dependency_does_not_count(self):
        self.write("src/event/CMakeLists.txt", "tenter_library(event SRCS a.cpp DEPS # base\n)\n")
        self.assert_one_fault("src/event/event.cpp:2", "room base")

    def test_four_files_may_include_asio_and_a_fifth_may_not_even_through_a_header(self):
        for number in range(3):
            self.write(f"gateway/http/file{number}.cpp", "#include <boost/asio/io_context.hpp>\n")
        self.write("gateway/http/connection.hpp", "#include <boost/beast/http/parser.hpp>\n")
        self.write("gateway/http/file4.cpp", '#include "gateway/http/connection.hpp"\n')
        self.assertEqual(check_layers.faults_of(self.root), [])
        self.write("src/base/fifth.cpp", "#include <boost/asio.hpp>\n")
        self.assert_one_fault("5 source files", "src/base/fifth.cpp", "gateway/http/file4.cpp")

    def test_no_public_header_brings_a_heavy_one_but_those_of_adapters(self):
        self.write("include/tenter/adapters/asio.hpp", "#include <boost/asio/io_context.hpp>\n#include <openssl/evp.h>\n")
        self.write("include/tenter/consume_asio/asio.hpp", "#include <boost/asio/io_context.hpp>\n")
        self.assertEqual(check_layers.faults_of(self.root), [])
        for header in ("boost/asio.hpp", "boost/beast/http.hpp", "openssl/evp.h", "librdkafka/rdkafkacpp.h", "sqlite3.h", "pugixml.hpp"):
            self.write("include/tenter/auth/auth.hpp", f"#pragma once\n#include <{header}>\n")
            self.assert_one_fault("include/tenter/auth/auth.hpp:2", header)
