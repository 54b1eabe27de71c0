// The trend follower of trend.wat in C, as a compiler makes a guest of it. Without a library: nothing may be imported.
//
//   clang --target=wasm32 -O2 -nostdlib -ffreestanding -fno-math-errno -Wl,--no-entry -Wl,--strip-all \
//         -Wl,-z,stack-size=4096 trend.c -o core.wasm
//   wasm-tools component embed --world explained-strategy ../wit/strategy.wit core.wasm -o embedded.wasm
//   wasm-tools component new embedded.wasm -o trend_from_c.wasm
//
// The structures are the canonical layout of the world's types: a text or a list is an address and a length.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define TEXT(s) { (s), sizeof(s) - 1 }

typedef struct { const char *at; uint32_t length; } text;
typedef struct { const text *at; uint32_t length; } texts;
typedef struct { bool some; double value; } maybe;

typedef struct {
    text name;
    uint16_t version;
    text about;
    texts inputs;
    uint32_t horizon_hours, cooldown_hours;
    struct { uint8_t kind; uint32_t share; } sizing;
    texts coins;
} description;

enum { LONG, SHORT };
enum { NOTHING, ABSTAIN, ENTER, EXIT };
enum { UNDEFINED, OUT_OF_DOMAIN, NOT_READY, UNDECIDED, OTHER };
enum { NUMBER, FRACTION, SIGMAS, HOURS, BARS, USD };
enum { SIGNAL, KILL };

typedef struct {
    uint8_t kind;
    union {
        struct { uint8_t why; uint16_t code; } abstain;
        struct { uint8_t side; double score; maybe stop, target; } enter;
        uint8_t leave;
    };
} proposal;

typedef struct {
    text name;
    uint8_t side;
    double value, threshold;
    bool above;
    uint8_t unit;
} condition;
typedef struct { const condition *at; uint32_t length; } conditions;

// Lists that the host passes in. A call has a fresh memory, so nothing is ever freed.
static uint8_t heap[4096] __attribute__((aligned(16)));
static size_t used;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
    (void)old, (void)old_size;
    size_t at = (used + align - 1) & ~(align - 1);
    if (at > sizeof heap || size > sizeof heap - at) __builtin_trap();
    used = at + size;
    return heap + at;
}

static const text inputs[] = { TEXT("trend_t(168, 48)"), TEXT("vol(48)") };
static const description self = {
    .name = TEXT("trend"),
    .version = 1,
    .about = TEXT("Follows the trend of a week, leaves when it is gone."),
    .inputs = { inputs, 2 },
    .horizon_hours = 168,
};

EXPORT("describe") const description *describe(void) { return &self; }

static proposal answer;

static const proposal *leave_or_nothing(bool holds) {
    answer.kind = holds ? EXIT : NOTHING;
    answer.leave = SIGNAL;
    return &answer;
}

EXPORT("propose")
const proposal *propose(int64_t now, int64_t interval, const double *in, uint32_t count, uint32_t holds, uint32_t side,
                        double hours_held, double unrealised) {
    (void)now, (void)count, (void)hours_held, (void)unrealised;
    double t = in[0], sigma = in[1], strength = __builtin_fabs(t);
    if (holds && (side == SHORT ? -t : t) > 0) return leave_or_nothing(false);
    if (!(strength >= 1)) return leave_or_nothing(holds);
    answer.kind = ENTER;
    answer.enter.side = t >= 0 ? LONG : SHORT;
    answer.enter.score = strength;
    // Three daily volatilities: sigma is per bar, and a day has 86,400e9 nanoseconds.
    answer.enter.stop = (maybe){ true, 3 * sigma * __builtin_sqrt(86400e9 / (double)interval) };
    answer.enter.target = (maybe){ false, 0 };
    return &answer;
}

// What an entry waits for, on both sides.
EXPORT("explain")
const conditions *explain(int64_t now, int64_t interval, const double *in, uint32_t count, uint32_t holds,
                          uint32_t side, double hours_held, double unrealised) {
    (void)now, (void)interval, (void)count, (void)holds, (void)side, (void)hours_held, (void)unrealised;
    static condition both[2];
    static const conditions told = { both, 2 };
    both[0] = (condition){ TEXT("trend_t"), LONG, in[0], 1, true, SIGMAS };
    both[1] = (condition){ TEXT("trend_t"), SHORT, in[0], -1, false, SIGMAS };
    return &told;
}
