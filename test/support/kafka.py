# kafka.py TOPIC MILLISECONDS: the mock cluster of librdkafka (rdkafka_mock.h), one broker that answers after
# so long, until SIGTERM. Prints its address.
import ctypes
import signal
import sys

kafka = ctypes.CDLL('librdkafka.so.1')
pointer = ctypes.c_void_p


def function(name, result, *arguments):
    found = getattr(kafka, name)
    found.restype = result
    found.argtypes = arguments
    return found


configuration = function('rd_kafka_conf_new', pointer)
configure = function(
    'rd_kafka_conf_set', ctypes.c_int, pointer, ctypes.c_char_p, ctypes.c_char_p, pointer, ctypes.c_size_t
)
client = function('rd_kafka_new', pointer, ctypes.c_int, pointer, pointer, ctypes.c_size_t)
cluster = function('rd_kafka_mock_cluster_new', pointer, pointer, ctypes.c_int)
topic = function(
    'rd_kafka_mock_topic_create', ctypes.c_int, pointer, ctypes.c_char_p, ctypes.c_int, ctypes.c_int
)
delay = function(
    'rd_kafka_mock_broker_set_rtt', ctypes.c_int, pointer, ctypes.c_int32, ctypes.c_int
)
address = function('rd_kafka_mock_cluster_bootstraps', ctypes.c_char_p, pointer)

settings = configuration()
configure(settings, b'log_level', b'0', None, 0)
mock = cluster(client(0, settings, None, 0), 1)
topic(mock, sys.argv[1].encode(), 1, 1)
delay(mock, 1, int(sys.argv[2]))
print(address(mock).decode(), flush=True)
signal.pause()
