// By the start of this name another copy of sigbridge in the same process knows our handlers for
// what they are; the one of the lowest level has no more than that.
#pragma once

#define SB_HANDLER_NAME "sigbridge_handler_v1"
