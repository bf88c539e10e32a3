// gateway/http/asio.cpp: Asio's own code, compiled here once and not in every file that includes it.
#include <boost/asio/impl/src.hpp>
