// First-in first-out streams under the name of the vendor's hls_stream.h, for a plain C++17 compiler.
//
// Where the vendor's type differs:
// - The functions of a dataflow region run one after the other here, so a stream holds whatever is written before it is
//   read: a write never blocks. high_water() and hls::report_streams() say how deep each stream would have had to be.
// - Reading an empty stream ends the program with exit code 3 and the stream's name (hardware would wait for ever).
// - Not for use from several threads (hls::task).
#ifndef TILEWRIGHT_STANDIN_HLS_STREAM_H
#define TILEWRIGHT_STANDIN_HLS_STREAM_H

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hls {

namespace standin_detail {
struct stream_use {
    std::size_t high_water = 0, depth = 0, writes = 0;
};
// Use of every stream that has ended, by name; streams of one name are one hardware FIFO.
inline std::map<std::string, stream_use>& stream_uses() {
    static std::map<std::string, stream_use> uses;
    return uses;
}
}  // namespace standin_detail

// One line per stream name: the most values that waited at once, the declared depth (0: none), the values written.
inline void report_streams(std::FILE* out) {
    for (const auto& [name, use] : standin_detail::stream_uses()) {
        std::fprintf(out, "stream %s high_water %zu depth %zu writes %zu\n", name.c_str(), use.high_water, use.depth,
                use.writes);
    }
}

template <class T, int DEPTH = 0>
class stream {
    std::string name;
    std::vector<T> ring;
    std::size_t head = 0, count = 0, most = 0, writes = 0;

  public:
    explicit stream(const char* called = "unnamed") : name(called) { static_assert(DEPTH >= 0, "a depth is not negative"); }
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream() {
        auto& use = standin_detail::stream_uses()[name];
        use.high_water = use.high_water < most ? most : use.high_water;
        use.depth = static_cast<std::size_t>(DEPTH);
        use.writes += writes;
        if (count > 0) {
            std::fprintf(stderr, "hls::stream '%s': ends with %zu values unread; read all that is written\n",
                    name.c_str(), count);
        }
    }

    bool empty() const { return count == 0; }
    bool full() const { return DEPTH > 0 && count >= static_cast<std::size_t>(DEPTH); }
    std::size_t size() const { return count; }
    std::size_t capacity() const { return static_cast<std::size_t>(DEPTH); }
    std::size_t high_water() const { return most; }

    void write(const T& value) {
        if (count == ring.size()) {
            grow();
        }
        ring[(head + count) & (ring.size() - 1)] = value;
        count++;
        writes++;
        most = most < count ? count : most;
    }
    T read() {
        if (count == 0) {
            std::fprintf(stderr, "hls::stream '%s': read while empty, after %zu values; hardware would hang here\n",
                    name.c_str(), writes);
            std::exit(3);
        }
        T value = ring[head];
        head = (head + 1) & (ring.size() - 1);
        count--;
        return value;
    }
    void read(T& value) { value = read(); }
    bool write_nb(const T& value) {
        if (full()) {
            return false;
        }
        write(value);
        return true;
    }
    bool read_nb(T& value) {
        if (empty()) {
            return false;
        }
        value = read();
        return true;
    }
    stream& operator<<(const T& value) {
        write(value);
        return *this;
    }
    stream& operator>>(T& value) {
        value = read();
        return *this;
    }

  private:
    void grow() {  // capacities are powers of two
        std::vector<T> larger(ring.empty() ? 16 : 2 * ring.size());
        for (std::size_t i = 0; i < count; i++) {
            larger[i] = ring[(head + i) & (ring.size() - 1)];
        }
        ring = std::move(larger);
        head = 0;
    }
};

}  // namespace hls

#endif
