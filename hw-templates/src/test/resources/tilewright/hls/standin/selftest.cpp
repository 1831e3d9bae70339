// Reads lines "W S a b n high low" (a, b: 128 bits in hexadecimal as two halves; S: bit 0 sign of a, bit 1 of b) and
// prints the result of every operation of ap_int/ap_uint on a (W bits) and b (37 W mod 128 + 1 bits).
#include <cstdio>
#include <utility>

#include "ap_int.h"
#include "hls_stream.h"
#include "hls_vector.h"

namespace own = tilewright_standin;

static_assert(sizeof(ap_int<8>) == 1 && sizeof(ap_uint<9>) == 2 && sizeof(ap_int<17>) == 4, "smallest native size");
static_assert(sizeof(ap_int<33>) == 8 && sizeof(ap_uint<65>) == 16 && sizeof(ap_int<8>[100]) == 100, "smallest native size");
static_assert(std::is_trivially_copyable_v<ap_int<8>> && std::is_trivially_default_constructible_v<ap_int<8>>, "plain data");
static_assert(ap_int<8>(200) == -56 && ap_uint<4>(-1) == 15 && ap_int<1>(1) == -1, "assignment wraps");
static_assert(ap_uint<8>(3) - ap_uint<8>(5) < 0, "a difference is signed");
static_assert((ap_uint<8>(1) << 8) == 0 && (1 << ap_uint<4>(3)) == 8, "a shift keeps the width of its left operand");
static_assert(decltype(ap_int<8>(1) * 2)::width == 40 && decltype(true + ap_uint<8>(1))::width == 9, "native operands");
static_assert(ap_int<8>(-3.9) == -3, "real numbers are cut towards zero");
static_assert(ap_uint<64>(~0ULL) > -1 && ap_uint<128>(0) - 1 < 0, "comparisons are of the values");
static_assert(alignof(hls::vector<ap_int<8>, 16>) == 16 && alignof(hls::vector<ap_int<8>, 12>) == 16, "alignment");
static_assert(sizeof(hls::vector<ap_int<16>, 64>) == 128 && alignof(hls::vector<ap_int<16>, 64>) == 64, "alignment");

static void put(own::uint128 v) {
    std::printf(" %016llx%016llx", static_cast<unsigned long long>(v >> 64), static_cast<unsigned long long>(v));
}
template <int W, bool S>
static void put(const own::Integer<W, S>& v) {
    std::printf(" %d%c", W, S ? 's' : 'u');
    put(static_cast<own::uint128>(static_cast<typename own::Integer<W, S>::Native>(v)));
}

template <int W, bool S, int W2, bool S2>
static void operate(own::uint128 first, own::uint128 second, int n, int high, int low) {
    const own::Integer<W, S> a = first;
    const own::Integer<W2, S2> b = second;
    put(a), put(b), put(a + b), put(a - b), put(a * b), put(a & b), put(a | b), put(a ^ b);
    if (b == 0) {
        std::printf(" zero zero zero zero");
    } else {
        put(a / b), put(a % b);
    }
    put(~a), put(-a), put(a << n), put(a >> n), put(a << ap_int<9>(n)), put(a.range(high, low));
    put(ap_uint<1>(a[low]));
    std::printf(" %d%d%d%d%d%d", a < b, a <= b, a == b, a != b, a > b, a >= b);
    own::Integer<W, S> c = b;
    put(c);
#define AFTER(statement) c = a, statement, put(c)
    AFTER(c += b), AFTER(c -= b), AFTER(c *= b), AFTER(++c), AFTER(--c), AFTER(c++);
    AFTER(c &= b), AFTER(c |= b), AFTER(c ^= b), AFTER(c <<= n), AFTER(c >>= n);
    AFTER(c.range(high, low) = b), AFTER(c[high] = b[0]);
    own::Integer<W2, S2> d = 0;
    c = a;
    d = c.range(high, low);
    put(d);
    std::printf("\n");
}

// Native widths are tried with every combination of signs, the others with one, to bound the time of compilation.
template <int W, int S>
static bool signs(int s, own::uint128 a, own::uint128 b, int n, int high, int low) {
    if constexpr (W == 8 || W == 16 || W == 32 || W == 64 || W == 128 || W % 4 == S) {
        if (s == S) {
            operate<W, (S & 1) != 0, 37 * W % 128 + 1, (S & 2) != 0>(a, b, n, high, low);
            return true;
        }
    }
    return false;
}

template <int... I>
static bool dispatch(std::integer_sequence<int, I...>, int w, int s, own::uint128 a, own::uint128 b, int n, int high, int low) {
    return ((w == I + 1 && (signs<I + 1, 0>(s, a, b, n, high, low) || signs<I + 1, 1>(s, a, b, n, high, low)
            || signs<I + 1, 2>(s, a, b, n, high, low) || signs<I + 1, 3>(s, a, b, n, high, low))) || ...);
}

int main() {
    int w, s, n, high, low;
    unsigned long long a[2], b[2];
    while (std::scanf("%d %d %16llx%16llx %16llx%16llx %d %d %d", &w, &s, &a[0], &a[1], &b[0], &b[1], &n, &high, &low) == 9) {
        if (!dispatch(std::make_integer_sequence<int, 128>(), w, s, (static_cast<own::uint128>(a[0]) << 64) | a[1],
                    (static_cast<own::uint128>(b[0]) << 64) | b[1], n, high, low)) {
            std::fprintf(stderr, "width %d with signs %d is not compiled in\n", w, s);
            return 1;
        }
    }
    return 0;
}
