#include <stdint.h>
#include "inner.h"
int two(void) { return TWO; }
