#include "CVersion.h"

// SwiftPM embeds only files inside a target's folder, and a symbolic link to the file does not survive every checkout.
// C's #embed reads the root's file itself, and the compiler knows that this object depends on it.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char text[] = {
#embed "../../version.txt"
    , '\0'};

const char *gopm_version_text(void) { return text; }
