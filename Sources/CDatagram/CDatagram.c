#define _GNU_SOURCE
#include "CDatagram.h"
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
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
_Static_assert(sizeof(struct datagram_control) == CMSG_SPACE(sizeof(int)), "cmsghdr");

int datagrams_socket(int is_v6, int waits) {
  return socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK), 0);
}

int datagrams_receive(int socket, struct datagram_slot *slots, unsigned int count) {
  return recvmmsg(socket, (struct mmsghdr *)slots, count, MSG_WAITFORONE, NULL);
}

int datagrams_send(int socket, struct datagram_slot *slots, unsigned int count) {
  return sendmmsg(socket, (struct mmsghdr *)slots, count, MSG_DONTWAIT);
}

int datagrams_can_be_joined(int socket) {
  int size;
  socklen_t length = sizeof size;
  return getsockopt(socket, SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

void datagrams_receive_joined(int socket) {
  int on = 1;
  setsockopt(socket, SOL_UDP, UDP_GRO, &on, sizeof on);
}

void datagram_set_joined(struct datagram_slot *slot, struct datagram_control *control, uint16_t size) {
  slot->control = size == 0 ? NULL : control;
  slot->control_size = size == 0 ? 0 : CMSG_SPACE(sizeof size);
  if (size == 0) return;
  struct cmsghdr *header = (struct cmsghdr *)control;
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof size);
  memcpy(CMSG_DATA(header), &size, sizeof size);
}

uint32_t datagram_joined(const struct datagram_slot *slot) {
  const struct cmsghdr *header = slot->control;
  int size;
  if (slot->control_size < CMSG_LEN(sizeof size) || header->cmsg_level != SOL_UDP || header->cmsg_type != UDP_GRO) {
    return 0;
  }
  memcpy(&size, CMSG_DATA(header), sizeof size);
  return size > 0 ? (uint32_t)size : 0;
}

uint32_t datagrams_overflowed(int socket) {
  uint32_t values[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof values;
  getsockopt(socket, SOL_SOCKET, SO_MEMINFO, values, &size);
  return values[SK_MEMINFO_DROPS];
}
