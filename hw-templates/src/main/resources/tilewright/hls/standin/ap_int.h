// Integers of 1 to 128 bits for a plain C++17 compiler, under the names of the vendor's ap_int.h, so that one source
// builds with Vitis HLS and with g++ or clang. Only what the emitted designs use is here.
//
// As with the vendor's types: assignment keeps the low W bits; a sum, difference or product has all the bits it needs
// (int8 * int8 is 16 bits, int8 + int8 is 9); a native operand counts with its own width (int: 32 bits); a shift keeps
// the width of its left operand; a negative shift amount shifts the other way; an object is not initialised by default.
//
// Where the vendor's types differ:
// - Widths stop at 128. An intermediate that would need more keeps its low 128 bits. Every result that is assigned to
//   a variable is still exact; comparing, dividing or right-shifting such an intermediate is not.
// - Objects take the smallest native size (1, 2, 4, 8 or 16 bytes), so arrays of ap_int<8> are arrays of bytes.
// - Conversion to a native integer keeps the value (64 bits up to W = 64, then 128); the vendor's keeps the low 64 bits.
// - range() on a variable has the variable's width in arithmetic: assign it to an ap_uint before computing with it.
// - ap_int<W> is an alias, so results of operators have exactly that type. The vendor's are of its base class: do not
//   let a template deduce a width from an expression.
#ifndef TILEWRIGHT_STANDIN_AP_INT_H
#define TILEWRIGHT_STANDIN_AP_INT_H

#define TILEWRIGHT_STANDIN 1

#include <cassert>
#include <cstdint>
#include <type_traits>

namespace tilewright_standin {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

// ---- storage: the smallest native integer of at least W bits ----

template <int Bits, bool Signed>
struct native;
template <> struct native<8, true> { using type = std::int8_t; };
template <> struct native<8, false> { using type = std::uint8_t; };
template <> struct native<16, true> { using type = std::int16_t; };
template <> struct native<16, false> { using type = std::uint16_t; };
template <> struct native<32, true> { using type = std::int32_t; };
template <> struct native<32, false> { using type = std::uint32_t; };
template <> struct native<64, true> { using type = std::int64_t; };
template <> struct native<64, false> { using type = std::uint64_t; };
template <> struct native<128, true> { using type = int128; };
template <> struct native<128, false> { using type = uint128; };

constexpr int storage_bits(int width) {
    return width <= 8 ? 8 : width <= 16 ? 16 : width <= 32 ? 32 : width <= 64 ? 64 : 128;
}
constexpr int wider(int a, int b) { return a > b ? a : b; }
constexpr int narrower(int a, int b) { return a < b ? a : b; }

template <int W, bool S>
using storage = typename native<storage_bits(W), S>::type;

// Arithmetic is done unsigned in 32 bits or more: it wraps, and nothing is undefined.
template <int W>
using arithmetic = storage<wider(W, 32), false>;

// The low W bits of a native integer, sign- or zero-extended into the storage type.
template <int W, bool S, class T>
constexpr storage<W, S> wrap(T v) {
    constexpr int spare = storage_bits(W) - W;
    if constexpr (spare == 0) {
        return static_cast<storage<W, S>>(v);
    } else {
        const auto top = static_cast<storage<W, S>>(static_cast<arithmetic<W>>(v) << spare);
        return static_cast<storage<W, S>>(top >> spare);
    }
}

template <int W, bool S>
class Integer;
template <int W, bool S>
class Range;

// ---- what may stand beside an operator: Integer, a range of one, or a native integer ----

template <class T, class = void>
struct operand {
    static constexpr bool valid = false, own = false;
};
template <class T>
struct operand<T, std::enable_if_t<std::is_integral_v<T> || std::is_same_v<T, int128> || std::is_same_v<T, uint128>>> {
    static constexpr bool valid = true, own = false;
    static constexpr bool is_signed = static_cast<T>(-1) < static_cast<T>(0);
    static constexpr int width = std::is_same_v<T, bool> ? 1 : static_cast<int>(8 * sizeof(T));
    static constexpr T raw(T v) { return v; }
};
template <int W, bool S>
struct operand<Integer<W, S>, void> {
    static constexpr bool valid = true, own = true, is_signed = S;
    static constexpr int width = W;
    static constexpr storage<W, S> raw(const Integer<W, S>& v) { return v.raw(); }
};
template <int W, bool S>
struct operand<Range<W, S>, void> {
    static constexpr bool valid = true, own = true, is_signed = false;
    static constexpr int width = W;
    static constexpr storage<W, false> raw(const Range<W, S>& v) { return v.get(); }
};
template <class T>
constexpr auto raw(const T& v) {
    return operand<T>::raw(v);
}

template <class T>
using if_operand = std::enable_if_t<operand<T>::valid>;
// One of the two is ours: native with native stays the compiler's business.
template <class A, class B>
using if_operands = std::enable_if_t<operand<A>::valid && operand<B>::valid && (operand<A>::own || operand<B>::own)>;

// ---- the integer ----

template <int W, bool S>
class Integer {
    static_assert(W >= 1 && W <= 128, "ap_int and ap_uint of this stand-in have 1 to 128 bits: split a wider word");
    using Store = storage<W, S>;
    Store value;

  public:
    static constexpr int width = W;
    using Native = std::conditional_t<W <= 63 || (W == 64 && S), std::int64_t,
        std::conditional_t<W == 64, std::uint64_t, std::conditional_t<W <= 127 || S, int128, uint128>>>;

    Integer() = default;
    template <class T, class = if_operand<T>>
    constexpr Integer(const T& v) : value(wrap<W, S>(tilewright_standin::raw(v))) {}
    constexpr Integer(double v) : value(wrap<W, S>(static_cast<std::conditional_t<W <= 64, std::int64_t, int128>>(v))) {}
    constexpr Integer(float v) : Integer(static_cast<double>(v)) {}

    // An Integer of a native value that is known to fit: saves the wrapping.
    template <class T>
    static constexpr Integer fits(T v) {
        Integer r{};
        r.value = static_cast<Store>(v);
        return r;
    }

    constexpr Store raw() const { return value; }
    constexpr operator Native() const { return value; }
    constexpr int to_int() const { return static_cast<int>(value); }
    constexpr unsigned to_uint() const { return static_cast<unsigned>(value); }
    constexpr std::int64_t to_int64() const { return static_cast<std::int64_t>(value); }
    constexpr std::uint64_t to_uint64() const { return static_cast<std::uint64_t>(value); }
    constexpr int length() const { return W; }

    // Bits high..low, both included. On a variable they can be assigned.
    constexpr Range<W, S> range(int high, int low) { return Range<W, S>(*this, high, low); }
    constexpr Integer<W, false> range(int high, int low) const {
        assert(high < W && low >= 0 && high >= low);
        return Integer<W, false>(static_cast<storage<W, false>>(Integer<W, false>(value).raw() >> low)
                & Range<W, S>::mask(high - low + 1));
    }
    constexpr Range<W, S> operator()(int high, int low) { return range(high, low); }
    constexpr Integer<W, false> operator()(int high, int low) const { return range(high, low); }
    constexpr Range<W, S> operator[](int bit) { return range(bit, bit); }
    constexpr bool operator[](int bit) const { return test(bit); }
    constexpr bool test(int bit) const {
        assert(bit >= 0 && bit < W);
        return ((value >> bit) & 1) != 0;
    }

    template <class T, class = if_operand<T>>
    constexpr Integer shifted_left(const T& amount) const {
        const auto n = static_cast<long>(tilewright_standin::raw(amount));
        return n < 0 ? right(-n) : left(n);
    }
    template <class T, class = if_operand<T>>
    constexpr Integer shifted_right(const T& amount) const {
        const auto n = static_cast<long>(tilewright_standin::raw(amount));
        return n < 0 ? left(-n) : right(n);
    }

// Low bits of a sum or product depend on low bits only, so W bits are enough here.
#define TILEWRIGHT_COMPOUND(op)                                                                         \
    template <class T, class = if_operand<T>>                                                           \
    constexpr Integer& operator op##=(const T& v) {                                                     \
        value = wrap<W, S>(static_cast<arithmetic<W>>(value)                                            \
                op static_cast<arithmetic<W>>(tilewright_standin::raw(v)));                             \
        return *this;                                                                                   \
    }
    TILEWRIGHT_COMPOUND(+)
    TILEWRIGHT_COMPOUND(-)
    TILEWRIGHT_COMPOUND(*)
    TILEWRIGHT_COMPOUND(&)
    TILEWRIGHT_COMPOUND(|)
    TILEWRIGHT_COMPOUND(^)
#undef TILEWRIGHT_COMPOUND
    template <class T, class = if_operand<T>>
    constexpr Integer& operator/=(const T& v) { return *this = *this / v; }
    template <class T, class = if_operand<T>>
    constexpr Integer& operator%=(const T& v) { return *this = *this % v; }
    template <class T, class = if_operand<T>>
    constexpr Integer& operator<<=(const T& amount) { return *this = shifted_left(amount); }
    template <class T, class = if_operand<T>>
    constexpr Integer& operator>>=(const T& amount) { return *this = shifted_right(amount); }

    constexpr Integer& operator++() { return *this += 1; }
    constexpr Integer& operator--() { return *this -= 1; }
    constexpr Integer operator++(int) {
        const Integer before = *this;
        *this += 1;
        return before;
    }
    constexpr Integer operator--(int) {
        const Integer before = *this;
        *this -= 1;
        return before;
    }

    constexpr Integer operator+() const { return *this; }
    constexpr auto operator-() const { return Integer<1, false>(0) - *this; }
    constexpr Integer operator~() const { return Integer(~static_cast<arithmetic<W>>(value)); }
    constexpr bool operator!() const { return value == 0; }

  private:
    constexpr Integer left(long n) const {
        return n >= W ? fits(0) : Integer(static_cast<arithmetic<W>>(value) << n);
    }
    constexpr Integer right(long n) const {
        return n >= W ? fits(value < 0 ? -1 : 0) : fits(value >> n);
    }
};

// Some bits of an integer variable, readable as an unsigned number and assignable.
template <int W, bool S>
class Range {
    Integer<W, S>& of;
    int high, low;

  public:
    constexpr Range(Integer<W, S>& whole, int h, int l) : of(whole), high(h), low(l) {
        assert(high < W && low >= 0 && high >= low);
    }
    constexpr Range(const Range&) = default;

    static constexpr arithmetic<W> mask(int bits) {
        return static_cast<arithmetic<W>>(~arithmetic<W>(0)) >> (8 * static_cast<int>(sizeof(arithmetic<W>)) - bits);
    }
    constexpr storage<W, false> get() const {
        return static_cast<storage<W, false>>((static_cast<arithmetic<W>>(of.raw()) >> low) & mask(high - low + 1));
    }
    constexpr operator storage<W, false>() const { return get(); }
    constexpr int length() const { return high - low + 1; }

    template <class T, class = if_operand<T>>
    constexpr Range& operator=(const T& v) {
        const arithmetic<W> bits = mask(high - low + 1);
        of = (static_cast<arithmetic<W>>(of.raw()) & ~static_cast<arithmetic<W>>(bits << low))
                | static_cast<arithmetic<W>>((static_cast<arithmetic<W>>(tilewright_standin::raw(v)) & bits) << low);
        return *this;
    }
    constexpr Range& operator=(const Range& v) { return *this = Integer<W, false>(v.get()); }
};

// Comparisons are of the values, whatever the signs and widths.
template <class A, class B>
constexpr bool less(const A& a, const B& b) {
    using U = arithmetic<wider(operand<A>::width, operand<B>::width)>;
    if constexpr (operand<A>::is_signed == operand<B>::is_signed) {
        return raw(a) < raw(b);
    } else if constexpr (operand<A>::is_signed) {
        return raw(a) < 0 || static_cast<U>(raw(a)) < static_cast<U>(raw(b));
    } else {
        return raw(b) >= 0 && static_cast<U>(raw(a)) < static_cast<U>(raw(b));
    }
}
template <class A, class B>
constexpr bool same(const A& a, const B& b) {
    using U = arithmetic<wider(operand<A>::width, operand<B>::width)>;
    if constexpr (operand<A>::is_signed == operand<B>::is_signed) {
        return raw(a) == raw(b);
    } else if constexpr (operand<A>::is_signed) {
        return raw(a) >= 0 && static_cast<U>(raw(a)) == static_cast<U>(raw(b));
    } else {
        return same(b, a);
    }
}

// ---- widths of results ----

template <class A, class B>
struct widths {
    using a = operand<A>;
    using b = operand<B>;
    static constexpr bool either_signed = a::is_signed || b::is_signed;
    // A width that holds both operands with one sign.
    static constexpr int common =
            wider(a::width + (b::is_signed && !a::is_signed), b::width + (a::is_signed && !b::is_signed));
    template <int W, bool S>
    using result = Integer<narrower(W, 128), S>;
    using sum = result<common + 1, either_signed>;
    using difference = result<common + 1, true>;
    using product = result<a::width + b::width, either_signed>;
    using logic = result<common, either_signed>;
    using quotient = result<a::width + b::is_signed, either_signed>;
    using remainder = result<narrower(a::width, b::width + (!b::is_signed && a::is_signed)), a::is_signed>;
    using exact = storage<narrower(wider(common, 32), 128), either_signed>;  // division needs the values themselves
};

#define TILEWRIGHT_BINARY(op, kind)                                                                     \
    template <class A, class B, class = if_operands<A, B>>                                              \
    constexpr auto operator op(const A& a, const B& b) {                                                \
        using R = typename widths<A, B>::kind;                                                          \
        return R::fits(static_cast<arithmetic<R::width>>(raw(a)) op static_cast<arithmetic<R::width>>(raw(b))); \
    }
TILEWRIGHT_BINARY(+, sum)
TILEWRIGHT_BINARY(-, difference)
TILEWRIGHT_BINARY(*, product)
TILEWRIGHT_BINARY(&, logic)
TILEWRIGHT_BINARY(|, logic)
TILEWRIGHT_BINARY(^, logic)
#undef TILEWRIGHT_BINARY

template <class A, class B, class = if_operands<A, B>>
constexpr auto operator/(const A& a, const B& b) {
    using E = typename widths<A, B>::exact;
    using R = typename widths<A, B>::quotient;
    if (same(b, -1)) {  // the lowest of 128 bits has no negative
        return R(0 - static_cast<arithmetic<R::width>>(raw(a)));
    }
    return R(static_cast<E>(static_cast<E>(raw(a)) / static_cast<E>(raw(b))));
}
template <class A, class B, class = if_operands<A, B>>
constexpr auto operator%(const A& a, const B& b) {
    using E = typename widths<A, B>::exact;
    using R = typename widths<A, B>::remainder;
    return same(b, -1) ? R(0) : R(static_cast<E>(static_cast<E>(raw(a)) % static_cast<E>(raw(b))));
}

template <class A, class B, class = if_operands<A, B>>
constexpr auto operator<<(const A& a, const B& b) {
    return Integer<operand<A>::width, operand<A>::is_signed>(a).shifted_left(b);
}
template <class A, class B, class = if_operands<A, B>>
constexpr auto operator>>(const A& a, const B& b) {
    return Integer<operand<A>::width, operand<A>::is_signed>(a).shifted_right(b);
}

template <class A, class B, class = if_operands<A, B>>
constexpr bool operator==(const A& a, const B& b) { return same(a, b); }
template <class A, class B, class = if_operands<A, B>>
constexpr bool operator!=(const A& a, const B& b) { return !same(a, b); }
template <class A, class B, class = if_operands<A, B>>
constexpr bool operator<(const A& a, const B& b) { return less(a, b); }
template <class A, class B, class = if_operands<A, B>>
constexpr bool operator>(const A& a, const B& b) { return less(b, a); }
template <class A, class B, class = if_operands<A, B>>
constexpr bool operator<=(const A& a, const B& b) { return !less(b, a); }
template <class A, class B, class = if_operands<A, B>>
constexpr bool operator>=(const A& a, const B& b) { return !less(a, b); }

}  // namespace tilewright_standin

template <int W>
using ap_int = tilewright_standin::Integer<W, true>;
template <int W>
using ap_uint = tilewright_standin::Integer<W, false>;

#endif
