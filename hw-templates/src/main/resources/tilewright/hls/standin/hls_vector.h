// A fixed number of values that move together, under the name of the vendor's hls_vector.h, for a plain C++17 compiler.
//
// Where the vendor's type differs: it also has element-wise arithmetic, which the emitted designs do not use. As there,
// a vector is aligned to the power of two at or above its size (here to 64 bytes at most): memory that is read through
// a pointer to vectors must be allocated as vectors.
#ifndef TILEWRIGHT_STANDIN_HLS_VECTOR_H
#define TILEWRIGHT_STANDIN_HLS_VECTOR_H

#include <cassert>
#include <cstddef>

namespace hls {

namespace standin_detail {
constexpr std::size_t vector_alignment(std::size_t bytes, std::size_t least) {
    std::size_t alignment = least;
    while (alignment < bytes && alignment < 64) {
        alignment *= 2;
    }
    return alignment;
}
}  // namespace standin_detail

template <class T, std::size_t N>
class alignas(standin_detail::vector_alignment(N * sizeof(T), alignof(T))) vector {
    static_assert(N > 0, "hls::vector needs at least one element");
    T elements[N];

  public:
    using value_type = T;
    static constexpr std::size_t size() { return N; }

    vector() = default;
    vector(const T& every) { fill(every); }

    void fill(const T& every) {
        for (T& element : elements) {
            element = every;
        }
    }
    T& operator[](std::size_t i) {
        assert(i < N);
        return elements[i];
    }
    const T& operator[](std::size_t i) const {
        assert(i < N);
        return elements[i];
    }
    T* begin() { return elements; }
    T* end() { return elements + N; }
    const T* begin() const { return elements; }
    const T* end() const { return elements + N; }

    friend bool operator==(const vector& a, const vector& b) {
        for (std::size_t i = 0; i < N; i++) {
            if (!(a.elements[i] == b.elements[i])) {
                return false;
            }
        }
        return true;
    }
    friend bool operator!=(const vector& a, const vector& b) { return !(a == b); }
};

}  // namespace hls

#endif
