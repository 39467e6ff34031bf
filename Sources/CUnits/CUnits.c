#include "CUnits.h"

// The files themselves, so that `gopm install` needs nothing beside the programs; see CVersion.c.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char of_system[] = {
#embed "../../Units/gopm.service"
    , '\0'};

static const char of_user[] = {
#embed "../../Units/gopm-user.service"
    , '\0'};

static const char of_mcp[] = {
#embed "../../Units/gopm-mcp.service"
    , '\0'};

const char *gopm_unit_of_system(void) { return of_system; }
const char *gopm_unit_of_user(void) { return of_user; }
const char *gopm_unit_of_mcp(void) { return of_mcp; }
