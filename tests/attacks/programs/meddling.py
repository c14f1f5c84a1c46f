"""More of `tricks`: hands in what grader and worker say to each other, and in the interpreter that functions and worker share."""

from tests.attacks.programs.tricks import GRADCHECK, ONE, WIRE, Trick

MEDDLING = (
    # ---- the memory that both sides share, and what is read of it ahead
    Trick("a head that says that a terabyte waits", ONE, WIRE + """
def normalizeRows(x):
    r=_server()['self'].replies
    struct.pack_into('=QQ', r._shared, 0, 0, 2**40)
    return np.zeros(x.shape)
"""),
    Trick("a head of numbers that are too large", ONE, WIRE + """
def normalizeRows(x):
    r=_server()['self'].replies
    struct.pack_into('=QQ', r._shared, 0, 2**63, 2**63)
    time.sleep(.1)
    return np.zeros(x.shape)
"""),
    Trick("answers that wait and are never sent, as others are", ONE, WIRE + """
def normalizeRows(x):
    r=_server()['self'].replies
    left=_answer(np.ones(x.shape))+_END
    r._shared[16:16+len(left)]=left
    struct.pack_into('=QQ', r._shared, 0, r._sent, len(left))
    time.sleep(.3)
    return np.zeros(x.shape)
"""),
    Trick("answers that wait, and a function that sleeps", ONE, WIRE + """
def normalizeRows(x):
    r=_server()['self'].replies
    left=(_answer(np.ones(x.shape))+_END)*3
    r._shared[16:16+len(left)]=left
    struct.pack_into('=QQ', r._shared, 0, r._sent, len(left))
    time.sleep(99)
    return np.zeros(x.shape)
"""),
    Trick("half an answer that waits, and the end", ONE, WIRE + """
def normalizeRows(x):
    r=_server()['self'].replies
    left=_answer(np.ones(x.shape))[:20]
    r._shared[16:16+len(left)]=left
    struct.pack_into('=QQ', r._shared, 0, r._sent, len(left))
    time.sleep(.3)
    os._exit(0)
"""),
    Trick("garbage that waits, and then an answer", ONE, WIRE + """
def normalizeRows(x):
    r=_server()['self'].replies
    r._shared[16:16+100]=b'x'*100
    struct.pack_into('=QQ', r._shared, 0, r._sent, 100)
    time.sleep(.3)
    return np.zeros(x.shape)
"""),
    Trick("shared memory closed", ONE, WIRE + """
def normalizeRows(x):
    try: _server()['self'].replies._shared.close()
    except BufferError: pass
    return np.zeros(x.shape)
"""),
    Trick("shared memory resized", ONE, WIRE + """
def normalizeRows(x):
    try: _server()['self'].replies._shared.resize(1)
    except Exception: pass
    return np.zeros(x.shape)
"""),
    Trick("fewer bytes waiting than none", ONE, WIRE + """
def normalizeRows(x):
    _server()['self'].replies._waiting=-10**6
    return np.zeros(x.shape)
"""),
    Trick("more bytes sent than there are", ONE, WIRE + """
def normalizeRows(x):
    _server()['self'].replies._sent=2**64
    return np.zeros(x.shape)
"""),
    Trick("a text in the place of the bytes sent", ONE, WIRE + """
def normalizeRows(x):
    _server()['self'].replies._sent='x'
    return np.zeros(x.shape)
"""),
    Trick("a pipe for answers that does not block", ONE, WIRE + """
import fcntl
def normalizeRows(x):
    fcntl.fcntl(4,4,2048) if False else os.set_blocking(4,False)
    big=_frame({'kind':'x'})*1
    return np.zeros(x.shape)
"""),
    Trick("a frame that says that the machine failed", ONE, WIRE + """
def normalizeRows(x):
    os.write(4,_frame({'kind':'host_error','problem':'x'})+_END)
    os._exit(0)
"""),
    Trick("a frame that says that a wall failed", ONE, WIRE + """
def normalizeRows(x):
    os.write(4,_frame({'failed':'system_calls: x'})+_END)
    os._exit(0)
"""),
    Trick("a frame that says that all is ready", ONE, WIRE + """
def normalizeRows(x):
    os.write(4,_frame({'ready':True})+_END)
    os._exit(0)
"""),
    Trick("a frame that says that something was loaded", ONE, WIRE + """
def normalizeRows(x):
    os.write(4,_frame({'kind':'loaded','defines':['l'],'error':None})+_END)
    os._exit(0)
"""),
    Trick("answers of a thread's", ONE, WIRE + """
def _w():
    while True:
        os.write(4,_answer(np.ones((2,3)))+_END)
        time.sleep(.001)
def normalizeRows(x):
    threading.Thread(target=_w,daemon=True).start()
    time.sleep(.05)
    return np.zeros(x.shape)
"""),
    # ---- questions, of this group and of others
    Trick("zeros for all that is asked, by hand", ONE, WIRE + """
def normalizeRows(x):

    s=_server(); qs=s['self'].questions
    out=b''
    for f,args in s['calls']:
        out+=_answer(np.zeros(args[0].shape))
    os.write(4,out+_END)
    os._exit(0)
"""),
    Trick("questions that all children know, emptied", ONE, WIRE + """
def normalizeRows(x):
    q=_server()['self'].questions
    q.clear()
    return np.zeros(x.shape)
"""),
    Trick("answers that are known already", ONE, WIRE + """
def normalizeRows(x):
    s=_server()
    for question in s['self'].questions:
        for call in question:
            s['known'][id(call)]=_answer(np.zeros(3))
    return np.zeros(x.shape)
"""),
    Trick("inputs of calls to come, zeroed", ONE, WIRE + """
def normalizeRows(x):
    for f,args in _server()['calls']:
        for i,arg in enumerate(args):
            if type(arg) is np.ndarray:
                try: arg[...]=0
                except ValueError: arg.flags.writeable=True; arg[...]=0
    return np.zeros(x.shape)
"""),
    Trick("a question of its own", ONE, WIRE + """
def normalizeRows(x):
    _server()['self'].requests._data[:0]=_frame({'calls':['l',['t','softmax',['l']]]})
    return np.zeros(x.shape)
"""),
    Trick("a pipe for questions that does not block", ONE, WIRE + """
def normalizeRows(x):
    os.set_blocking(3,False)
    return np.zeros(x.shape)
"""),
    Trick("places of functions forgotten", ONE, WIRE + """
def normalizeRows(x):
    _server()['where'].clear()
    return np.zeros(x.shape)
"""),
    Trick("places of functions in no module", ONE, WIRE + """
def normalizeRows(x):
    w=_server()['where']
    for k in w: w[k]='nosuch'
    return np.zeros(x.shape)
"""),
    # ---- the interpreter around a call
    Trick("a collector whose callbacks raise", ONE, WIRE + """
def _cb(*a): raise SystemExit
def normalizeRows(x):
    gc.callbacks.append(_cb)
    gc.collect()
    return np.zeros(x.shape)
"""),
    Trick("a collector whose callbacks end the process", ONE, WIRE + """
def _cb(*a): os._exit(0)
def normalizeRows(x):
    gc.callbacks.append(_cb)
    gc.set_threshold(1)
    return np.zeros(x.shape)
"""),
    Trick("a weak reference that ends the process", ONE, WIRE + """
import weakref
class O: pass
def normalizeRows(x):
    o=O(); global _w; _w=weakref.ref(o,lambda r: os._exit(3))
    sys._getframe().f_back.f_locals
    return np.zeros(x.shape)
"""),
    Trick("garbage that never ends", ONE, """
import time
class D:
    def __del__(self):
        while True: pass
def normalizeRows(x):
    d=D(); d.d=d
    return np.zeros(x.shape)
"""),
    Trick("hooks for exceptions that end the process", ONE, WIRE + """
def normalizeRows(x):
    sys.excepthook=sys.unraisablehook=lambda *a: os._exit(1)
    return np.zeros(x.shape)
"""),
    Trick("a hook for exceptions of threads that ends the process", ONE, WIRE + """
def normalizeRows(x):
    threading.excepthook=lambda *a: os._exit(1)
    threading.Thread(target=lambda: 1/0).start()
    return np.zeros(x.shape)
"""),
    Trick("a stream that sleeps", ONE, """
import sys,time
class S:
    encoding='x'
    def write(self,*a): time.sleep(99)
    flush=write
def normalizeRows(x):
    sys.stdout=sys.stderr=S()
    return np.zeros(x.shape)
"""),
    Trick("no filters for warnings", ONE, """
import warnings
def normalizeRows(x):
    warnings.filters=None
    return np.zeros(x.shape)
"""),
    Trick("no module for warnings", ONE, """
import warnings
def normalizeRows(x):
    vars(warnings).clear()
    return np.zeros(x.shape)
"""),
    Trick("no environment", ONE, """
import os
def normalizeRows(x):
    os.environ._data=None
    return np.zeros(x.shape)
"""),
    Trick("an environment with a number in it", ONE, """
import os
def normalizeRows(x):
    os.environ._data['x']=1
    os.environ._data[b'HOME']=b'/'
    return np.zeros(x.shape)
"""),
    Trick("the memory of a generator overwritten", ONE, """
import random,ctypes
def normalizeRows(x):
    ctypes.memset(id(random.seed.__self__)+16,255,2400)
    return np.zeros(x.shape)
"""),
    Trick("another generator of numpy's", ONE, """
def normalizeRows(x):
    np.random.set_state(('MT19937',np.zeros(624,np.uint32),10**9)) if False else None
    np.random.mtrand.set_bit_generator(np.random.PCG64())
    return np.zeros(x.shape)
"""),
    Trick("errors of numpy's that call something", ONE, """
def normalizeRows(x):
    np.seterrcall(lambda *a: 1/0); np.seterr(all='call')
    return np.zeros(x.shape)
"""),
    Trick("profiles that raise", ONE, """
import sys,threading
def _p(*a): raise SystemExit
def normalizeRows(x):
    threading.setprofile(_p); threading.settrace(_p); sys.setprofile(_p)
    return np.zeros(x.shape)
"""),
    Trick("traces of our frames that raise", ONE, WIRE + """
def normalizeRows(x):
    f=sys._getframe().f_back
    def tr(*a): raise SystemExit
    while f: f.f_trace=tr; f=f.f_back
    sys.settrace(tr)
    return np.zeros(x.shape)
"""),
    Trick("a signal of a clock that ends the process", ONE, """
import signal
def normalizeRows(x):
    signal.signal(signal.SIGPROF,signal.SIG_DFL); signal.setitimer(signal.ITIMER_PROF,.001,.001)
    return np.zeros(x.shape)
"""),
    Trick("a main thread that leaves", ONE, """
import ctypes
def normalizeRows(x):
    ctypes.CDLL(None).pthread_exit(None)
    return np.zeros(x.shape)
"""),
    Trick("a crash in a thread", ONE, """
import threading,ctypes
def normalizeRows(x):
    threading.Timer(.003,ctypes.string_at,(0,)).start()
    return np.zeros(x.shape)
"""),
    Trick("the interpreter's lock given up", ONE, """
import ctypes
def normalizeRows(x):
    ctypes.pythonapi.PyEval_SaveThread.restype=ctypes.c_void_p
    ctypes.PyDLL(None).PyEval_SaveThread()
    return np.zeros(x.shape)
"""),
    Trick("another count of references to nothing", ONE, """
import ctypes
def normalizeRows(x):
    ctypes.c_long.from_address(id(None)).value=10**9
    return np.zeros(x.shape)
"""),
    Trick("floats without methods", ONE, """
import ctypes
def normalizeRows(x):
    z=np.zeros(x.shape)
    ctypes.memset(id(float)+48,0,200)
    return z
"""),
    Trick("no address space left", ONE, """
import mmap
_m=[]
def normalizeRows(x):
    z=np.zeros(x.shape)
    for s in (1<<28,1<<24,1<<20,1<<12):
        try:
            while True: _m.append(mmap.mmap(-1,s))
        except OSError: pass
    return z
"""),
    # ---- answers that are hard to read
    Trick("strides over memory that is not there", ONE, """
def normalizeRows(x):
    return np.lib.stride_tricks.as_strided(np.zeros(1),(10**5,3),(8,8))
"""),
    Trick("an array at an address", ONE, """
class A:
    def __init__(s,sh): s.__array_interface__=dict(version=3,shape=sh,typestr='<f8',data=(0x1000,False))
def normalizeRows(x):
    return np.asarray(A(x.shape))
"""),
    Trick("an array that holds itself", ONE, """
def normalizeRows(x):
    a=np.empty(3,object); a[:]=[a,a,a]
    return a
"""),
    Trick("a list that holds itself", ONE, """
def normalizeRows(x):
    a=[]; a.append(a)
    return a
"""),
    Trick("a dictionary that holds itself", ONE, """
def normalizeRows(x):
    a={}; a['a']=a
    return a
"""),
    Trick("an array of records", ONE, """
def normalizeRows(x):
    return np.zeros(x.shape,[('a',float),('b','O')])
"""),
    Trick("an array of 64 axes", ONE, """
def normalizeRows(x):
    return np.zeros((1,)*64) if np.lib.NumpyVersion(np.__version__)>='2.0.0' else np.zeros((1,)*32)
"""),
    Trick("an empty array with a huge axis", ONE, """
def normalizeRows(x):
    return np.empty((0,2**60))
"""),
    Trick("a number beyond all doubles", ONE, """
def normalizeRows(x):
    return np.full(x.shape,np.longdouble('1e4000'))
"""),
    Trick("integers beyond all floats", ONE, """
def normalizeRows(x):
    return [[10**1000]*x.shape[1]]*x.shape[0]
"""),
    Trick("a dtype that never ends", ONE, """
class A(np.ndarray):
    @property
    def dtype(s):
        while True: pass
def normalizeRows(x):
    return np.zeros(x.shape).view(A)
"""),
    Trick("a group of a thousand long errors", ONE, """
def normalizeRows(x):
    e=ValueError('x'*10**6); e.add_note('y'*10**7); raise ExceptionGroup('g'*10**6,[e]*1000)
"""),
    Trick("code that says that it is another file's", ONE, """
def normalizeRows(x):
    raise ValueError
normalizeRows.__code__=normalizeRows.__code__.replace(co_filename='/etc/passwd',co_name='x'*10**5)
"""),
    Trick("code of a line that is nowhere", ONE, """
def normalizeRows(x):
    raise ValueError
normalizeRows.__code__=normalizeRows.__code__.replace(co_firstlineno=-5 & 0x7fffffff)
"""),
    Trick("a syntax error in a line of five thousand digits", ONE, """
def normalizeRows(x):
    e=SyntaxError('m'); e.filename='submit.py'; e.lineno=10**5000; raise e
"""),
    Trick("an answer that a thread makes right too late", ONE, WIRE + """
def normalizeRows(x):
    r=_right(x)*0
    threading.Thread(target=lambda: (time.sleep(.001), r.__setitem__(Ellipsis,_right(x)))).start()
    return r
"""),
    Trick("an answer by chance", ONE, """
def normalizeRows(x):
    return np.full(x.shape, id(x)%97)
"""),
    # ---- stand-ins
    Trick("a gradient check that notes calls it never made", GRADCHECK, """
def gradcheck_naive(f, x):
    for _ in range(2*np.size(x)+1): f._note('__call__',(np.array(x),))
    print('Gradient check passed!')
"""),
    Trick("a gradient check that gives f another class", GRADCHECK, """
def gradcheck_naive(f, x):
    type(f).__call__=lambda s,x: (0.0, x*0)
    f(x)
    print('Gradient check passed!')
"""),
    Trick("a gradient check that says both", GRADCHECK, """
def gradcheck_naive(f, x):
    f(x)
    print('Gradient check passed!')
    print('Gradient check failed.')
"""),
    Trick("a gradient check that says nothing", GRADCHECK, """
def gradcheck_naive(f, x):
    f(x)
"""),
    Trick("descent on numbers of its own", ('sgd.steps', 'sgd.postprocessing', 'sgd.annealing'), """
def sgd(f,x0,step,iterations,postprocessing=None,useSaved=False,PRINT_EVERY=10):
    f._A[:]=0; f._b[:]=0
    return x0
"""),
    Trick("costs of its own", ('skipgram.sum',), """
def skipgram(w,C,ctx,tokens,i,o,d,f=None):
    for k in f._data: f._data[k][...]=0
    return 0.0, np.zeros(i.shape), np.zeros(o.shape)
"""),
    Trick("notes of a gigabyte", ('sgd.steps', 'sgd.postprocessing', 'sgd.annealing'), """
def sgd(f,x0,step,iterations,postprocessing=None,useSaved=False,PRINT_EVERY=10):
    for _ in range(100): f._note('x'*10**5,(np.zeros(10**5),))
    return x0
"""),
    # ---- loading
    Trick("a function for loading that raises", ONE, """
def _l(*a): raise ValueError('not loaded')
globals()["#loading 'submit'"]=_l
def normalizeRows(x):
    return np.zeros(x.shape)
"""),
    Trick("a function for loading that misses a package", ONE, """
def _l(*a): raise ModuleNotFoundError("the package 'secret' is not available here",name='secret')
globals()["#loading 'submit'"]=_l
def normalizeRows(x):
    return np.zeros(x.shape)
"""),
    Trick("a function for loading that ends the process", ONE, """
import os
def _l(*a): os._exit(0)
globals()["#loading 'submit'"]=_l
def normalizeRows(x):
    return np.zeros(x.shape)
"""),
    Trick("a function for loading without memory", ONE, """
def _l(*a): raise MemoryError
globals()["#loading 'submit'"]=_l
def normalizeRows(x):
    return np.zeros(x.shape)
"""),
    Trick("our own exception for a missing package", ONE, WIRE + """
def normalizeRows(x):
    import gc
    gc.unfreeze()
    for o in gc.get_objects():
        if isinstance(o, type) and o.__name__ == 'PackageNotAvailable': raise o('numpy is needed here')
    return np.zeros(x.shape)
"""),
    Trick("a function that says it is the course's", ONE, """
def normalizeRows(x):
    return np.zeros(x.shape)
normalizeRows.__module__='helpers'
"""),
    Trick("no way to import", ONE, """
import sys
sys.meta_path.clear()
def normalizeRows(x):
    return np.zeros(x.shape)
"""),
    Trick("an import that ends the process", ONE, """
import sys
class H:
    def find_spec(s,*a): raise SystemExit
sys.meta_path.insert(0,H())
def normalizeRows(x):
    return np.zeros(x.shape)
"""),
    Trick("no globals", (), """
globals().clear()
"""),
    Trick("no tracebacks", ONE, """
import traceback
traceback.walk_tb=lambda *a: 1/0
def normalizeRows(x):
    raise ValueError
"""),
)
