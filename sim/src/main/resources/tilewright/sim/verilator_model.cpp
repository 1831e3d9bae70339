// A Verilator model behind functions of C. Functions that evaluate return 0, or 1 where the design stopped ($fatal, no
// convergence): then tw_message says what was printed, and the model must not be evaluated again.
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string>

#include "Vtilewright.h"
#include "tilewright_ports.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {
constexpr size_t longest_text = 4096;
std::string text;

struct Stopped {};

struct Model {
    VerilatedContext context;
    Vtilewright* top = nullptr;
#if VM_TRACE
    VerilatedVcdC trace;
    bool traced = false;
#endif
    uint64_t time = 0;

    ~Model() { delete top; }

    void clocks(unsigned mask, int level) {
        int index = 0;
#define SET(port) \
    if (mask >> index++ & 1) top->port = level;
        TILEWRIGHT_CLOCKS(SET)
#undef SET
        (void)index;
    }

    void eval() {
        Verilated::threadContextp(&context);
        top->eval();
    }

    void dump(int step) {
        time += step;
#if VM_TRACE
        if (traced) trace.dump(time);
#endif
    }

    void low() {
        clocks(~0u, 0);
        eval();
    }

    void edge(unsigned mask, bool settle) {
        if (settle) low();
        dump(5);
        clocks(mask, 1);
        eval();
        dump(5);
    }
};

template <typename Action> int guarded(Action action) {
    try {
        action();
        return 0;
    } catch (const Stopped&) {
        return 1;
    }
}
}  // namespace

extern "C" int tilewright_print(const char* format, ...) {
    char part[longest_text];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(part, sizeof part, format, arguments);
    va_end(arguments);
    text += part;
    if (text.size() > longest_text) text.erase(0, text.size() - longest_text);
    return length;
}

void vl_fatal(const char* file, int line, const char*, const char* message) {
    tilewright_print("%s:%d: %s\n", file ? file : "", line, message ? message : "");
    throw Stopped();
}

EXPORT int tw_new(void** result) {
    return guarded([&] {
        Model* model = new Model;
        *result = model;
        text.clear();
        Verilated::threadContextp(&model->context);
#if VM_TRACE
        model->context.traceEverOn(true);
#endif
        model->top = new Vtilewright(&model->context, "TOP");
        model->eval();
    });
}

EXPORT void tw_free(void* model) { delete static_cast<Model*>(model); }

EXPORT int tw_eval(void* model) {
    return guarded([&] { static_cast<Model*>(model)->low(); });
}

EXPORT int tw_edge(void* model, int clocks, int settle) {
    return guarded([&] { static_cast<Model*>(model)->edge(clocks, settle); });
}

EXPORT int tw_run(void* model, int clocks, int64_t edges, int64_t* done) {
    return guarded([&] {
        for (*done = 0; *done < edges; ++*done) static_cast<Model*>(model)->edge(clocks, true);
    });
}

EXPORT void* tw_port(void* model, int index) {
    Vtilewright* top = static_cast<Model*>(model)->top;
#define ADDRESS(port) (void*)&top->port,
    void* addresses[] = {TILEWRIGHT_PORTS(ADDRESS) nullptr};
#undef ADDRESS
    return addresses[index];
}

EXPORT const char* tw_message() { return text.c_str(); }

EXPORT void tw_trace(void* model, const char* file) {
#if VM_TRACE
    Model* m = static_cast<Model*>(model);
    m->top->trace(&m->trace, 99);
    m->trace.open(file);
    m->traced = true;
    m->trace.dump(m->time);
#else
    (void)model;
    (void)file;
#endif
}
