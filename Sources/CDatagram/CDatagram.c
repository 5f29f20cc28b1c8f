#define _GNU_SOURCE
#include "CDatagram.h"
#include <linux/sock_diag.h>
#include <sys/socket.h>

#define SAME(ours, ourMember, system, systemMember) \
  _Static_assert(offsetof(ours, ourMember) == offsetof(system, systemMember), #ourMember)

SAME(struct datagram_part, base, struct iovec, iov_base);
SAME(struct datagram_part, size, struct iovec, iov_len);
SAME(struct datagram_slot, name, struct mmsghdr, msg_hdr.msg_name);
SAME(struct datagram_slot, name_size, struct mmsghdr, msg_hdr.msg_namelen);
SAME(struct datagram_slot, parts, struct mmsghdr, msg_hdr.msg_iov);
SAME(struct datagram_slot, part_count, struct mmsghdr, msg_hdr.msg_iovlen);
SAME(struct datagram_slot, control, struct mmsghdr, msg_hdr.msg_control);
SAME(struct datagram_slot, control_size, struct mmsghdr, msg_hdr.msg_controllen);
SAME(struct datagram_slot, flags, struct mmsghdr, msg_hdr.msg_flags);
SAME(struct datagram_slot, size, struct mmsghdr, msg_len);
_Static_assert(sizeof(struct datagram_part) == sizeof(struct iovec), "iovec");
_Static_assert(sizeof(struct datagram_slot) == sizeof(struct mmsghdr), "mmsghdr");

int datagrams_receive(int socket, struct datagram_slot *slots, unsigned int count) {
  return recvmmsg(socket, (struct mmsghdr *)slots, count, MSG_WAITFORONE, NULL);
}

int datagrams_send(int socket, struct datagram_slot *slots, unsigned int count) {
  return sendmmsg(socket, (struct mmsghdr *)slots, count, MSG_DONTWAIT);
}

uint32_t datagrams_overflowed(int socket) {
  uint32_t values[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof values;
  getsockopt(socket, SOL_SOCKET, SO_MEMINFO, values, &size);
  return values[SK_MEMINFO_DROPS];
}
